"""The native files of the pack, in the order in which a bookkeeper reads them (D7)."""

from payments.exporting.defining import Export
from payments.exporting.files.books import EARNED, JOURNAL
from payments.exporting.files.credits import LEDGER, LOTS, ROLL_FORWARD
from payments.exporting.files.returned import DISPUTES, MISMATCHES, REFUNDS
from payments.exporting.files.stripe import PAYOUT_LINES, PAYOUTS, TRANSACTIONS

NATIVE: dict[str, Export] = {
    export.name: export
    for export in (
        PAYOUTS,
        TRANSACTIONS,
        PAYOUT_LINES,
        LEDGER,
        LOTS,
        ROLL_FORWARD,
        EARNED,
        REFUNDS,
        DISPUTES,
        MISMATCHES,
        JOURNAL,
    )
}

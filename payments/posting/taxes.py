"""The tax of what was sold: owed to the state at the sale, or with each session (BookRules).

Which of the two is frozen on the order line. Until it is owed, tax of the second kind waits in
an account of its own; each unit that leaves a lot takes its own part along, to the cent.
"""

from payments.chart import Role
from payments.models import CreditEntry, CreditLot, OrderLine, TaxTiming
from payments.posting.entries import Move


def tax_role(line: OrderLine | None) -> Role:
    """The account in which the tax of a line lies while its units are unused."""
    later = line is not None and line.tax_timing == TaxTiming.REDEMPTION
    return Role.TAX_DEFERRED if later else Role.TAX_PAYABLE


def line_behind(lot: CreditLot) -> OrderLine | None:
    """The line a lot was bought with, its own or that of the lot it was transferred from."""
    while lot.order_line is None and lot.transferred_from is not None:
        lot = lot.transferred_from
    return lot.order_line


def tax_falls(entry: CreditEntry, to: Role) -> list[Move]:
    """The tax that waited for these units goes to `to`; none that was owed at the sale."""
    lot = entry.lot
    line = line_behind(lot)
    waits_in = tax_role(line)
    if line is None or waits_in == Role.TAX_PAYABLE:
        return []
    return [Move(waits_in, to, entry.tax_minor, line.order, lot, entry.booking_id)]

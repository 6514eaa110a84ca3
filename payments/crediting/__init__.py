"""Credits move here and nowhere else.

Whoever needs both a wallet and a booking locks the wallet first (`lock_wallet`), then the
booking. Every act may be repeated: the same cause moves units once.
"""

from payments.crediting.adjusting import (
    extend_lot,
    freeze_lot,
    latest_extension,
    thaw_lot,
    undo_extension,
    withdraw_goodwill,
)
from payments.crediting.choosing import choose_lot
from payments.crediting.disputed import freeze_for_dispute, thaw_after_dispute
from payments.crediting.errors import (
    AlreadyUsed,
    CannotAdjust,
    CreditError,
    NoCredit,
    NotReserved,
    OnlyExpiredCredit,
    PeriodClosed,
)
from payments.crediting.expiring import expire_due
from payments.crediting.granting import grant_goodwill, grant_lots
from payments.crediting.ledger import SETTLING, lock_wallet
from payments.crediting.refunded import return_units, take_back_units
from payments.crediting.reserving import (
    came_back_too_late,
    holds_credit,
    release,
    reserve,
    reserved_lot,
    take_back_use,
    use,
    where_unit_is,
)
from payments.crediting.returning import give_back, reassign, release_ended
from payments.crediting.transferring import transfer_units
from payments.wallets import Wallet, WalletLot, wallet

__all__ = [
    "SETTLING",
    "AlreadyUsed",
    "CannotAdjust",
    "CreditError",
    "NoCredit",
    "NotReserved",
    "OnlyExpiredCredit",
    "PeriodClosed",
    "Wallet",
    "WalletLot",
    "came_back_too_late",
    "choose_lot",
    "expire_due",
    "extend_lot",
    "freeze_for_dispute",
    "freeze_lot",
    "give_back",
    "grant_goodwill",
    "grant_lots",
    "holds_credit",
    "latest_extension",
    "lock_wallet",
    "reassign",
    "release",
    "release_ended",
    "reserve",
    "reserved_lot",
    "return_units",
    "statement",
    "take_back_units",
    "take_back_use",
    "thaw_after_dispute",
    "thaw_lot",
    "transfer_units",
    "undo_extension",
    "use",
    "wallet",
    "where_unit_is",
    "withdraw_goodwill",
]

"""Credits move here and nowhere else.

Whoever needs both a wallet and a booking locks the wallet first (`lock_wallet`), then the
booking. Every act may be repeated: the same cause moves units once.
"""

from payments.crediting.choosing import choose_lot
from payments.crediting.disputed import freeze_for_dispute, thaw_after_dispute
from payments.crediting.errors import (
    AlreadyUsed,
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
    holds_credit,
    release,
    reserve,
    reserved_lot,
    take_back_use,
    use,
    where_unit_is,
)
from payments.crediting.returning import give_back
from payments.wallets import StatementLine, Wallet, WalletLot, statement, wallet

__all__ = [
    "SETTLING",
    "AlreadyUsed",
    "CreditError",
    "NoCredit",
    "NotReserved",
    "OnlyExpiredCredit",
    "PeriodClosed",
    "StatementLine",
    "Wallet",
    "WalletLot",
    "choose_lot",
    "expire_due",
    "freeze_for_dispute",
    "give_back",
    "grant_goodwill",
    "grant_lots",
    "holds_credit",
    "lock_wallet",
    "release",
    "reserve",
    "reserved_lot",
    "return_units",
    "statement",
    "take_back_units",
    "take_back_use",
    "thaw_after_dispute",
    "use",
    "wallet",
    "where_unit_is",
]

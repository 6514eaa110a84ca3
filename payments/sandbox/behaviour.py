"""The knobs of the sandbox, kept in its database so that a restart changes nothing."""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self

from payments.sandbox import API_VERSION
from payments.sandbox.store import Store, dump
from payments.sandbox.versions import KNOWN

Delivery = Literal["before", "after", "never"]
FACT = "behaviour"
CHOICES = {
    "account_api_version": KNOWN,
    "deliver": ("before", "after", "never"),
    "next_payout": ("", "fails", "fails_late"),
    "next_refund": ("", "pending", "requires_action", "fails"),
    "payout_schedule": ("daily", "manual"),
}


class BadSetting(ValueError):
    """A setting that does not exist or a value that it cannot take."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Durations are seconds of the sandbox clock, unless the name says that they are real."""

    deliver: Delivery = "after"  # webhooks before the redirect, after it, or not at all
    delivery_delay_real: float = 0.3  # real seconds by which "after" lets the redirect win
    balance_transaction_delay: int = 2
    fee_basis_points: int = 150
    fee_fixed_minor: int = 25
    available_after_days: int = 2
    payout_hour: int = 6  # UTC
    payout_schedule: str = "daily"  # or manual
    payout_waits: int = 3600  # until one by hand leaves; it can be cancelled so long
    payout_takes: int = 6 * 3600
    payout_fails_after: int = 2 * 86400  # from paid to failed, for one that fails late
    payout_debits: bool = False  # the bank account pays the debts of the balance
    next_payout: str = ""  # fails or fails_late; then used up
    reconciling_takes: int = 60
    debit_takes: int = 5  # until a SEPA debit has succeeded or failed
    dispute_fee_minor: int = 2000
    dispute_delay: int = 0  # from the payment to the dispute of a card that disputes
    dispute_due_days: int = 8
    dispute_review_takes: int = 5
    refund_takes: int = 5  # until a pending refund succeeds
    refund_fails_after: int = 10  # until a refund that will fail fails
    refund_into_debt: bool = False  # or refunds wait for money
    next_refund: str = ""  # pending, requires_action or fails; then used up
    settlement_currency: str = ""  # all money is booked in this one; empty: each in its own
    exchange_rate: float = 1.0  # settlement currency for one of any other
    account_api_version: str = API_VERSION  # what new events are made in
    strict_versions: bool = True  # refuse other versions of the API, or only say so
    default_currency: str = "gbp"
    business_name: str = "Massage for Runners"

    @classmethod
    def load(cls, store: Store) -> Self:
        kept = json.loads(store.recall(FACT) or "{}")
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in kept.items() if name in names})

    def changed(self, changes: dict[str, Any]) -> Self:
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise BadSetting(f"There is no setting {name}; there are {', '.join(known)}.")
            changes[name] = _as(type(known[name]), name, value)
        for name, allowed in CHOICES.items():
            if changes.get(name, getattr(self, name)) not in allowed:
                words = ", ".join(filter(None, allowed))
                raise BadSetting(f"{name} is one of {words}.")
        if not 0 <= int(changes.get("payout_hour", self.payout_hour)) <= 23:
            raise BadSetting("payout_hour is between 0 and 23.")
        return replace(self, **changes)

    def keep(self, store: Store) -> None:
        store.remember(FACT, dump(asdict(self)))

    def fee(self, amount: int) -> int:
        """Minor units that Stripe keeps of `amount`, rounded half up."""
        return (amount * self.fee_basis_points + 5000) // 10000 + self.fee_fixed_minor


def _as(wanted: type, name: str, value: Any) -> Any:
    if wanted is bool:
        return str(value).lower() in ("true", "1")
    try:
        converted = wanted(value)
    except (TypeError, ValueError):
        raise BadSetting(f"{name} cannot be {value!r}.") from None
    if isinstance(converted, (int, float)) and converted < 0:
        raise BadSetting(f"{name} cannot be negative.")
    return converted

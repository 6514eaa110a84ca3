"""What the gateway hands out: frozen copies of Stripe's objects, only what the portal reads.

Amounts are minor units, currencies upper-case, moments aware UTC. Unknown values of a field
are kept as they come.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Self

Json = Mapping[str, Any]


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def ident(reference: Any) -> str:
    """The id of something that may be null, an id or the expanded object."""
    if isinstance(reference, Mapping):
        return str(reference["id"])
    return reference or ""


@dataclass(frozen=True, slots=True)
class ChargeRow:
    id: str
    payment_intent_id: str
    amount_minor: int
    amount_refunded_minor: int
    currency: str
    status: str
    livemode: bool
    created_at: datetime
    balance_transaction_id: str
    metadata: Json
    email: str = ""  # of whoever paid, when Stripe asked for it

    @classmethod
    def read(cls, raw: Json) -> Self:
        return cls(
            id=raw["id"],
            payment_intent_id=ident(raw.get("payment_intent")),
            amount_minor=raw["amount"],
            amount_refunded_minor=raw.get("amount_refunded") or 0,
            currency=raw["currency"].upper(),
            status=raw["status"],
            livemode=raw["livemode"],
            created_at=moment(raw["created"]),
            balance_transaction_id=ident(raw.get("balance_transaction")),
            metadata=raw.get("metadata") or {},
            email=(raw.get("billing_details") or {}).get("email") or "",
        )


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: str
    status: str
    payment_status: str
    mode: str
    amount_minor: int
    currency: str
    client_reference_id: str
    metadata: Json
    livemode: bool
    url: str
    expires_at: datetime
    payment_intent_id: str
    payment_intent_status: str
    charge: ChargeRow | None

    @classmethod
    def read(cls, raw: Json) -> Self:
        intent = raw.get("payment_intent")
        intent = intent if isinstance(intent, Mapping) else {"id": intent or "", "status": ""}
        charge = intent.get("latest_charge")
        return cls(
            id=raw["id"],
            status=raw["status"],
            payment_status=raw["payment_status"],
            mode=raw["mode"],
            amount_minor=raw["amount_total"] or 0,
            currency=(raw["currency"] or "").upper(),
            client_reference_id=raw.get("client_reference_id") or "",
            metadata=raw.get("metadata") or {},
            livemode=raw["livemode"],
            url=raw.get("url") or "",
            expires_at=moment(raw["expires_at"]),
            payment_intent_id=intent["id"],
            payment_intent_status=intent.get("status") or "",
            charge=ChargeRow.read(charge) if isinstance(charge, Mapping) else None,
        )

    @property
    def is_paid(self) -> bool:
        paid = self.payment_status in {"paid", "no_payment_required"}
        return self.status == "complete" and paid

    @property
    def has_failed(self) -> bool:
        """Complete, but the delayed method has come to nothing."""
        dead = self.payment_intent_status in {"requires_payment_method", "canceled"}
        return self.status == "complete" and not self.is_paid and dead


@dataclass(frozen=True, slots=True)
class RefundRow:
    id: str
    charge_id: str
    amount_minor: int
    currency: str
    status: str
    reason: str
    failure_reason: str
    created_at: datetime
    balance_transaction_id: str
    pending_reason: str = ""
    failure_balance_transaction_id: str = ""
    metadata: Json = field(default_factory=dict)

    @classmethod
    def read(cls, raw: Json) -> Self:
        return cls(
            id=raw["id"],
            charge_id=ident(raw.get("charge")),
            amount_minor=raw["amount"],
            currency=raw["currency"].upper(),
            status=raw.get("status") or "",
            reason=raw.get("reason") or "",
            failure_reason=raw.get("failure_reason") or "",
            created_at=moment(raw["created"]),
            balance_transaction_id=ident(raw.get("balance_transaction")),
            pending_reason=raw.get("pending_reason") or "",
            failure_balance_transaction_id=ident(raw.get("failure_balance_transaction")),
            metadata=raw.get("metadata") or {},
        )


@dataclass(frozen=True, slots=True)
class DisputeRow:
    id: str
    charge_id: str
    amount_minor: int
    currency: str
    status: str
    reason: str
    livemode: bool
    created_at: datetime
    evidence_due_at: datetime | None
    balance_transaction_ids: tuple[str, ...] = ()

    @classmethod
    def read(cls, raw: Json) -> Self:
        due = (raw.get("evidence_details") or {}).get("due_by")
        return cls(
            id=raw["id"],
            charge_id=ident(raw.get("charge")),
            amount_minor=raw["amount"],
            currency=raw["currency"].upper(),
            status=raw["status"],
            reason=raw.get("reason") or "",
            livemode=raw["livemode"],
            created_at=moment(raw["created"]),
            evidence_due_at=moment(due) if due else None,
            balance_transaction_ids=tuple(
                ident(row) for row in raw.get("balance_transactions") or []
            ),
        )


@dataclass(frozen=True, slots=True)
class BalanceRow:
    id: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    reporting_category: str
    type: str
    source_id: str
    description: str
    created_at: datetime
    available_at: datetime
    fee_details: list[dict[str, Any]]
    exchange_rate: str = ""
    # What moved the balance, when it was asked for along with the row.
    source: ChargeRow | RefundRow | None = None

    @classmethod
    def read(cls, raw: Json) -> Self:
        return cls(
            id=raw["id"],
            amount_minor=raw["amount"],
            fee_minor=raw["fee"],
            net_minor=raw["net"],
            currency=raw["currency"].upper(),
            reporting_category=raw["reporting_category"],
            type=raw["type"],
            source_id=ident(raw.get("source")),
            description=(raw.get("description") or "")[:300],
            created_at=moment(raw["created"]),
            available_at=moment(raw["available_on"]),
            fee_details=[
                {"type": fee["type"], "amount": fee["amount"], "currency": fee["currency"]}
                for fee in raw.get("fee_details") or []
            ],
            exchange_rate=str(raw.get("exchange_rate") or ""),
            source=_source_of(raw.get("source")),
        )


def _source_of(raw: Any) -> ChargeRow | RefundRow | None:
    """The charge or refund behind a movement; an id alone, and any other object, is none."""
    kind = raw.get("object") if isinstance(raw, Mapping) else None
    if kind == "charge":
        return ChargeRow.read(raw)
    return RefundRow.read(raw) if kind == "refund" else None


@dataclass(frozen=True, slots=True)
class PayoutRow:
    id: str
    amount_minor: int
    currency: str
    status: str
    automatic: bool
    arrival_on: date
    created_at: datetime
    reconciliation_status: str
    livemode: bool

    @classmethod
    def read(cls, raw: Json) -> Self:
        return cls(
            id=raw["id"],
            amount_minor=raw["amount"],
            currency=raw["currency"].upper(),
            status=raw["status"],
            automatic=raw["automatic"],
            arrival_on=moment(raw["arrival_date"]).date(),
            created_at=moment(raw["created"]),
            reconciliation_status=raw.get("reconciliation_status") or "",
            livemode=raw["livemode"],
        )


@dataclass(frozen=True, slots=True)
class EndpointRow:
    id: str
    url: str
    status: str
    api_version: str
    enabled_events: tuple[str, ...]

    @classmethod
    def read(cls, raw: Json) -> Self:
        return cls(
            id=raw["id"],
            url=raw["url"],
            status=raw["status"],
            api_version=raw.get("api_version") or "",
            enabled_events=tuple(raw["enabled_events"]),
        )


@dataclass(frozen=True, slots=True)
class EventRow:
    id: str
    type: str
    api_version: str
    livemode: bool
    account: str
    created_at: datetime
    payload: dict[str, Any]

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Self:
        return cls(
            id=raw["id"],
            type=raw["type"],
            api_version=raw.get("api_version") or "",
            livemode=bool(raw["livemode"]),
            account=raw.get("account") or raw.get("context") or "",
            created_at=moment(raw["created"]),
            payload=raw,
        )

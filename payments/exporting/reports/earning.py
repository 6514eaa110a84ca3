"""What was earned, unit by unit and line by line: money out of the journal, units out of the
ledger. Five questions to the database, whatever the period holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, QuerySet

from payments.chart import Role
from payments.exporting.defining import Asked
from payments.models import Bucket, CreditEntry, JournalLine
from payments.sources import SessionFacts, sessions_behind

SESSION, LATE, EXPIRED, DIFFERENCE = "session", "late", "expired", "difference"
ROLES = {
    Role.SESSION_REVENUE.code: SESSION,
    Role.LATE_REVENUE.code: LATE,
    Role.BREAKAGE.code: EXPIRED,
    Role.SUSPENSE_REVENUE.code: DIFFERENCE,
}
OUT_OF_USE = (Bucket.USED, Bucket.EXPIRED)


@dataclass(frozen=True, slots=True)
class Earned:
    """Money or units of one kind; what was taken back is negative.

    ``facts`` is empty where no session stands behind it, as with credits that expired.
    """

    kind: str
    currency: str
    facts: SessionFacts | None
    units: int = 0
    minor: int = 0
    is_top_up: bool = False


def earned(asked: Asked) -> Iterator[Earned]:
    """Every line of revenue of the period, then every unit that was used or expired in it."""
    lines = JournalLine.objects.filter(asked.span.within("entry__effective_at")).filter(
        Q(debit__in=ROLES) ^ Q(credit__in=ROLES)
    )
    units = CreditEntry.objects.filter(asked.span.within("effective_at")).filter(
        Q(to_bucket__in=OUT_OF_USE) ^ Q(from_bucket__in=OUT_OF_USE)
    )
    sessions = sessions_behind(lines.exclude(booking_id=None).values("booking_id"))
    sessions |= sessions_behind(units.exclude(booking_id=None).values("booking_id"))
    posted: dict[str, str] = {}
    columns = ("entry__source", "debit", "credit", "amount_minor", "currency", "booking_id")
    for source, debit, credit, minor, currency, booking in lines.values_list(*columns).iterator():
        comes = credit in ROLES
        kind = ROLES[credit if comes else debit]
        posted[source] = kind
        other = debit if comes else credit
        yield Earned(
            kind,
            currency,
            _facts(sessions, booking),
            minor=minor if comes else -minor,
            is_top_up=other == Role.TOP_UPS.code,
        )
    yield from _units(units, posted, sessions)


def _units(
    entries: "QuerySet[CreditEntry]", posted: dict[str, str], sessions: dict[UUID, SessionFacts]
) -> Iterator[Earned]:
    """Units were used late if the books say so; of free ones, which post nothing, if the diary."""
    rows = entries.annotate(currency=F("lot__currency")).values_list(
        "pk", "units", "from_bucket", "to_bucket", "currency", "booking_id"
    )
    for pk, units, left, entered, currency, booking in rows.iterator():
        facts = _facts(sessions, booking)
        if Bucket.EXPIRED in {left, entered}:
            kind = EXPIRED
        else:
            by_diary = LATE if facts and facts.is_late else SESSION
            kind = posted.get(f"credit:{pk}", by_diary)
        yield Earned(kind, currency, facts, units=units if entered in OUT_OF_USE else -units)


def _facts(sessions: dict[UUID, SessionFacts], booking: UUID | None) -> SessionFacts | None:
    return sessions.get(booking) if booking else None

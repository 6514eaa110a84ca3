"""The books themselves by API: accounts, closed periods, corrections."""

from datetime import UTC, date, datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from accounts.api import caller, signed_in
from accounts.roles import CLOSE_PERIODS, may
from payments import adjusting_by_hand
from payments.chart import Role, accounts
from payments.charting import decide_rules, rename_account
from payments.days import practice_day, start_of
from payments.models import AdjustmentProposal, BookRules, JournalEntry, Period
from payments.money import DEFAULT_CURRENCY
from payments.period_end import close_period, readiness
from portal.api.adjustments import ProposalOut, proposal_shown
from portal.api.books import require_bookkeeper

router = Router(tags=["staff"], auth=signed_in)


class AccountOut(Schema):
    """``role`` is the stable key that lines are written with; the others are the practice's."""

    role: str
    code: str
    name: str


class AccountIn(Schema):
    code: str
    name: str


class RulesOut(Schema):
    """When tax is due, and what becomes of credits that expire; for what happens from now on."""

    tax_timing: str
    breakage: str


class RulesIn(Schema):
    tax_timing: Literal["sale", "redemption"]
    breakage: Literal["revenue", "owed"]


class ReadinessOut(Schema):
    """What stands in the way of closing up to ``ends_on``."""

    starts_on: date | None
    ends_on: date
    is_ready: bool
    critical_mismatches: list[int]
    other_mismatches: int
    broken_invariants: list[str]
    waiting_events: int


class ClosingIn(Schema):
    """``despite`` says why to close although something is open."""

    ends_on: date
    note: str = ""
    despite: str = ""


class PeriodOut(Schema):
    """Amounts in minor units: debits less credits by currency and by the account's ``role``."""

    id: int
    starts_on: date
    ends_on: date
    closed_at: AwareDatetime
    closed_by: str
    note: str
    trial_balance: dict[str, dict[str, int]]


class ReversalIn(Schema):
    reason: str


class JournalCorrectionIn(Schema):
    """Accounts by their ``role``; the same ``key`` posts once."""

    key: str = Field(max_length=80)
    debit: str
    credit: str
    amount_minor: int
    currency: str = DEFAULT_CURRENCY
    on: date
    reason: str


class EntryLineOut(Schema):
    debit: str
    credit: str
    amount_minor: int
    currency: str


class EntryOut(Schema):
    """An entry of the journal. ``occurred_at`` is set when its own day was closed already."""

    id: int
    kind: str
    description: str
    effective_at: AwareDatetime
    occurred_at: AwareDatetime | None
    reason: str
    lines: list[EntryLineOut]


@router.get("/accounts/", response=list[AccountOut], operation_id="list_accounts")
def list_accounts(request: HttpRequest) -> Any:
    """The chart as the practice calls it."""
    require_bookkeeper(request)
    return [
        {"role": role, "code": account.code, "name": account.name}
        for role, account in accounts().items()
    ]


@router.put("/accounts/{role}/", response=AccountOut, operation_id="rename_account")
def rename(request: HttpRequest, role: str, wanted: AccountIn) -> Any:
    """Call an account otherwise; its postings stay as they are."""
    _require_closer(request)
    return rename_account(role=_role(role), code=wanted.code, name=wanted.name)


@router.get("/book-rules/", response=RulesOut, operation_id="read_book_rules")
def read_rules(request: HttpRequest) -> Any:
    """What the practice has decided about tax and expired credits."""
    require_bookkeeper(request)
    return BookRules.current()


@router.put("/book-rules/", response=RulesOut, operation_id="decide_book_rules")
def decide(request: HttpRequest, wanted: RulesIn) -> Any:
    """Decide anew: it counts from now on, nothing that is posted changes."""
    _require_closer(request)
    return decide_rules(tax_timing=wanted.tax_timing, breakage=wanted.breakage)


@router.get("/periods/", response=list[PeriodOut], operation_id="list_periods")
def list_periods(request: HttpRequest, limit: int = 24) -> Any:
    """Closed periods, the latest first. ``limit`` is at most 100."""
    require_bookkeeper(request)
    periods = Period.objects.select_related("closed_by")[: min(max(limit, 1), 100)]
    return [_period(period) for period in periods]


@router.get("/periods/readiness/", response=ReadinessOut, operation_id="read_readiness")
def read_readiness(request: HttpRequest, ends_on: date) -> Any:
    """The checklist before closing."""
    require_bookkeeper(request)
    found = readiness(ends_on=ends_on)
    return {
        "starts_on": found.starts_on,
        "ends_on": found.ends_on,
        "is_ready": found.is_ready,
        "critical_mismatches": [one.pk for one in found.critical],
        "other_mismatches": found.open_others,
        "broken_invariants": sorted({breach.invariant for breach in found.broken}),
        "waiting_events": found.waiting_events,
    }


@router.post("/periods/", response=PeriodOut, operation_id="close_period")
def close(request: HttpRequest, wanted: ClosingIn) -> Any:
    """Close the books up to the end of a day. The same day again returns its period."""
    _require_closer(request)
    period = close_period(
        ends_on=wanted.ends_on,
        by=caller(request),
        at=timezone.now(),
        note=wanted.note,
        despite=wanted.despite,
    )
    return _period(period)


@router.post(
    "/journal/{entry_id}/reversal/",
    response={200: EntryOut, 202: ProposalOut},
    operation_id="reverse_entry",
)
def reverse(request: HttpRequest, entry_id: int, wanted: ReversalIn) -> Any:
    """Post an entry the other way round, once, with a reason. 202: too much for one person."""
    _require_closer(request)
    found = get_object_or_404(JournalEntry, pk=entry_id)
    return _posted(
        adjusting_by_hand.reverse(
            entry=found, by=caller(request), at=timezone.now(), reason=wanted.reason
        )
    )


@router.post(
    "/journal/corrections/",
    response={200: EntryOut, 202: ProposalOut},
    operation_id="post_correction",
)
def correct(request: HttpRequest, wanted: JournalCorrectionIn) -> Any:
    """Move an amount between two accounts, with a reason. 202: too much for one person."""
    _require_closer(request)
    at = timezone.now()
    posted = adjusting_by_hand.correct(
        key=wanted.key,
        debit=_role(wanted.debit),
        credit=_role(wanted.credit),
        amount_minor=wanted.amount_minor,
        currency=wanted.currency,
        effective_at=_moment_of(wanted.on, at),
        by=caller(request),
        at=at,
        reason=wanted.reason,
    )
    return _posted(posted)


def _posted(done: JournalEntry | AdjustmentProposal) -> Any:
    """What was posted, or the proposal that waits for a second person."""
    if isinstance(done, AdjustmentProposal):
        return Status(202, proposal_shown(done))
    return _entry(done)


def _moment_of(day: date, at: datetime) -> datetime:
    """Now, for today; else the first instant of the day at the practice."""
    return at if day == practice_day(at) else start_of(day).astimezone(UTC)


def _require_closer(request: HttpRequest) -> None:
    """To everybody else the address does not exist."""
    require_bookkeeper(request)
    if not may(caller(request), CLOSE_PERIODS):
        raise Http404


def _role(code: str) -> Role:
    try:
        return Role.called(code)
    except StopIteration as unknown:
        raise Http404 from unknown


def _period(period: Period) -> dict[str, Any]:
    return {
        "id": period.pk,
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
        "closed_at": period.closed_at,
        "closed_by": str(period.closed_by),
        "note": period.note,
        "trial_balance": period.trial_balance,
    }


def _entry(entry: JournalEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "kind": entry.kind,
        "description": entry.description,
        "effective_at": entry.effective_at,
        "occurred_at": entry.occurred_at,
        "reason": entry.reason,
        "lines": [
            {
                "debit": line.debit,
                "credit": line.credit,
                "amount_minor": line.amount_minor,
                "currency": line.currency,
            }
            for line in entry.lines.all()
        ],
    }

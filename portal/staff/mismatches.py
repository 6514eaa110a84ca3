"""What does not match, in words: what it is, what it is about, what most likely settles it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from payments.days import practice_day, practice_zone
from payments.mismatching import RULES, Rule
from payments.models import Mismatch
from payments.resolving import Suggestion, suggestions
from portal.staff.places import address_of

UNKNOWN = Rule("Two things do not agree", "Look at both and say which is right.", "warning")
UNSAID = {"buyer", "proposed_by_id"}  # for programs
SEVERITY_KIND = {
    Mismatch.Severity.CRITICAL: "bad",
    Mismatch.Severity.WARNING: "warn",
    Mismatch.Severity.NOTICE: "info",
}


@dataclass(frozen=True, slots=True)
class SuggestionShown:
    """A way to settle it: a button, or with `url` a page where it is decided."""

    key: str
    label: str
    explanation: str
    url: str


@dataclass(frozen=True, slots=True)
class MismatchShown:
    """A mismatch as its row shows it; `best` is our best guess, `others` are what else can be
    done."""

    mismatch: Mismatch
    title: str
    action: str
    severity_kind: str
    on: date
    age: str
    facts: tuple[tuple[str, str, str], ...]  # label, words, address or nothing
    url: str
    is_open: bool
    best: SuggestionShown | None = None
    others: tuple[SuggestionShown, ...] = ()


def shown(mismatch: Mismatch, *, at: datetime) -> MismatchShown:
    return all_shown([mismatch], at=at)[0]


def all_shown(mismatches: Iterable[Mismatch], *, at: datetime) -> list[MismatchShown]:
    """Mismatches with their order and owner (selected by the caller) in words."""
    rows = list(mismatches)
    guesses = suggestions(row for row in rows if row.status == Mismatch.Status.OPEN)
    return [_shown(row, guesses.get(row.pk, []), at) for row in rows]


def _shown(mismatch: Mismatch, offered: Sequence[Suggestion], at: datetime) -> MismatchShown:
    rule = RULES.get(mismatch.code, UNKNOWN)
    ways = [_way(one) for one in offered]
    usable = [way for way in ways if way is not None]
    return MismatchShown(
        mismatch=mismatch,
        title=rule.title,
        action=rule.action,
        severity_kind=SEVERITY_KIND[Mismatch.Severity(mismatch.severity)],
        on=mismatch.first_seen_at.astimezone(practice_zone()).date(),
        age=_age((practice_day(at) - practice_day(mismatch.first_seen_at)).days),
        facts=_facts(mismatch),
        url=reverse("staff:mismatch", args=[mismatch.pk]),
        is_open=mismatch.status == Mismatch.Status.OPEN,
        best=usable[0] if usable else None,
        others=tuple(usable[1:]),
    )


def _way(one: Suggestion) -> SuggestionShown | None:
    url = address_of(one.leads_to) if one.leads_to else ""
    if one.act is None and not url:
        return None
    return SuggestionShown(one.key, one.label, one.explanation, url)


def _age(days: int) -> str:
    if days < 1:
        return "today"
    return "for a day" if days == 1 else f"for {days} days"


def _facts(mismatch: Mismatch) -> tuple[tuple[str, str, str], ...]:
    facts = []
    if mismatch.order:
        url = reverse("staff:order", args=[mismatch.order.public_id])
        facts.append(("Order", mismatch.order.number, url))
    facts.append(("About", mismatch.about, _work(mismatch) or _address(mismatch.about)))
    for name, value in mismatch.details.items():
        if value not in ("", None) and name not in UNSAID:
            facts.append((name.replace("_", " ").capitalize(), str(value), _address(str(value))))
    return tuple(facts)


def _work(mismatch: Mismatch) -> str:
    """The page on which it is settled, where there is one."""
    if mismatch.code == "M07" and mismatch.order is not None:
        return reverse("staff:assign_refund", args=[mismatch.about])
    if mismatch.code == "M09" and "proposed_by_id" in mismatch.details:
        return reverse("staff:approve_refund", args=[mismatch.pk])
    return ""


def _address(reference: str) -> str:
    """Payouts and disputes have pages of their own."""
    if reference.startswith("po_"):
        return reverse("staff:payout", args=[reference])
    if reference.startswith(("du_", "dp_")):
        return reverse("staff:dispute", args=[reference.partition(":")[0]])
    return ""

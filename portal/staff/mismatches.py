"""What does not match, in words: what it is, what it is about, what to do first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from payments.days import practice_zone
from payments.mismatching import RULES, Rule
from payments.models import Mismatch

UNKNOWN = Rule("Two things do not agree", "Look at both and say which is right.", "warning")
SEVERITY_KIND = {
    Mismatch.Severity.CRITICAL: "bad",
    Mismatch.Severity.WARNING: "warn",
    Mismatch.Severity.NOTICE: "info",
}


@dataclass(frozen=True, slots=True)
class MismatchShown:
    """A mismatch as its row shows it."""

    mismatch: Mismatch
    title: str
    action: str
    severity_kind: str
    on: date
    facts: tuple[tuple[str, str, str], ...]  # label, words, address or nothing
    url: str
    is_open: bool


def shown(mismatch: Mismatch) -> MismatchShown:
    """A mismatch with its order (selected by the caller) in words."""
    rule = RULES.get(mismatch.code, UNKNOWN)
    return MismatchShown(
        mismatch=mismatch,
        title=rule.title,
        action=rule.action,
        severity_kind=SEVERITY_KIND[Mismatch.Severity(mismatch.severity)],
        on=mismatch.first_seen_at.astimezone(practice_zone()).date(),
        facts=_facts(mismatch),
        url=reverse("staff:mismatch", args=[mismatch.pk]),
        is_open=mismatch.status == Mismatch.Status.OPEN,
    )


def all_shown(mismatches: Iterable[Mismatch]) -> list[MismatchShown]:
    return [shown(mismatch) for mismatch in mismatches]


def _facts(mismatch: Mismatch) -> tuple[tuple[str, str, str], ...]:
    facts = []
    if mismatch.order:
        url = reverse("staff:order", args=[mismatch.order.public_id])
        facts.append(("Order", mismatch.order.number, url))
    facts.append(("About", mismatch.about, _work(mismatch) or _address(mismatch.about)))
    for name, value in mismatch.details.items():
        if value not in ("", None):
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

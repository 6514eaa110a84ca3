"""The terms a held session would be booked under: they hang on what pays for it (U8).

A credit brings the version it was sold under; what is bought now comes with the one in effect.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from payments.agreeing import in_effect, plain_terms, texts_agreed
from payments.days import practice_day
from payments.models import CreditLot, Package, Policy
from scheduling.models import Booking
from scheduling.paying import WaysToPay


@dataclass(frozen=True, slots=True)
class OfferedTerms:
    """What one version says of this session; ``names`` are the packages that come with it."""

    names: tuple[str, ...]
    words: str
    texts: list[str]
    cancel_until: datetime | None  # none: that moment has passed
    move_until: datetime | None
    grace_minutes: int


def terms_of(ways: WaysToPay, booking: Booking, *, at: datetime) -> list[OfferedTerms]:
    """The terms of each way to pay, those of the way in front first; same ones are said once."""
    found: dict[Policy, list[str]] = {}
    for name, policy in _policies(ways, at):
        found.setdefault(policy, []).append(name)
    return [_of(policy, tuple(names), booking, at) for policy, names in found.items()]


def _policies(ways: WaysToPay, at: datetime) -> list[tuple[str, Policy]]:
    if ways.credit is not None:
        wanted = [lot.public_id for lot in ways.credit.lots]
        rows = CreditLot.objects.filter(public_id__in=wanted).select_related("policy")
        policies = {row.public_id: row.policy for row in rows}
        return [(lot.name, policies[lot.public_id]) for lot in ways.credit.lots]
    found = [(ways.top_up.lot.name, ways.top_up.lot.policy)] if ways.top_up else []
    codes = [offer.code for offer in ways.packages]
    packages = Package.objects.filter(code__in=codes).select_related("policy")
    named = {package.policy.code: package.policy for package in packages}
    today = practice_day(at)
    current = {code: in_effect(policy, today) for code, policy in named.items()}
    code_of = {package.code: package.policy.code for package in packages}
    return found + [(offer.name, current[code_of[offer.code]]) for offer in ways.packages]


def _of(policy: Policy, names: tuple[str, ...], booking: Booking, at: datetime) -> OfferedTerms:
    def until(minutes: int) -> datetime | None:
        moment = booking.starts_at - timedelta(minutes=minutes)
        return moment if moment > at else None

    return OfferedTerms(
        names=names,
        words=plain_terms(policy),
        texts=texts_agreed(policy, practice_day(at)),
        cancel_until=until(policy.cancel_window_minutes),
        move_until=until(policy.move_window_minutes),
        grace_minutes=policy.grace_minutes,
    )

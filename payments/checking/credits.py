"""Lots that do not add up (M16) or should have ended (M20)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from payments.checking.rules import Finder, Finding
from payments.days import practice_day
from payments.invariants import units_add_up, values_add_up
from payments.models import CreditLot


def lot_broken(at: datetime) -> Iterable[Finding]:
    """M16: once per lot, with the first thing that is wrong."""
    seen: set[str] = set()
    for breach in (*units_add_up(), *values_add_up()):
        if breach.about not in seen:
            seen.add(breach.about)
            yield Finding(breach.about, breach.difference, details={"what": breach.what})


def expired_but_available(at: datetime) -> Iterable[Finding]:
    """M20: a day after the last one, when the job must have run."""
    over = CreditLot.objects.active().filter(expires_on__lt=practice_day(at) - timedelta(days=1))
    for lot in over.with_available():
        yield Finding(str(lot.public_id), currency=lot.currency)


RULES: dict[str, Finder] = {"M16": lot_broken, "M20": expired_but_available}

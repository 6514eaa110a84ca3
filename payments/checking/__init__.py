"""Looking for mismatches by rule: what is found is opened, what has gone is closed.

The rules stand beside one another by subject. Apps above bring rules of their own (`register`):
whether a unit has its session is theirs to know.
"""

from datetime import datetime

from django.db import transaction

from payments.checking import books, credits, payouts, refunds, sales, stripe
from payments.checking.rules import FINDERS, Finder, Finding, register
from payments.mismatching import open_mismatch, settle_mismatch
from payments.models import Mismatch

__all__ = ["Finder", "Finding", "check_mismatches", "recheck", "register", "still_fails"]

FINDERS |= {
    **sales.RULES,
    **refunds.RULES,
    **payouts.RULES,
    **stripe.RULES,
    **credits.RULES,
    **books.RULES,
}


@transaction.atomic
def check_mismatches(*, at: datetime) -> int:
    """Open what each rule finds, close what it finds no more; the number found."""
    return sum(recheck(code, at=at) for code in sorted(FINDERS))


@transaction.atomic
def recheck(code: str, *, at: datetime) -> int:
    """The same for one rule; a code without a rule is left to the person who closes it."""
    finder = FINDERS.get(code)
    if finder is None:
        return 0
    found = list(finder(at))
    for finding in found:
        open_mismatch(
            code,
            about=finding.about,
            at=at,
            amount_minor=finding.amount_minor,
            currency=finding.currency,
            order=finding.order,
            details=finding.details,
        )
    still = {finding.about for finding in found}
    for mismatch in Mismatch.objects.open().filter(code=code).exclude(about__in=still):
        settle_mismatch(code, about=mismatch.about, at=at, resolution="It holds again.")
    return len(found)


def still_fails(mismatch: Mismatch, *, at: datetime) -> bool:
    """Whether its rule would find it now. Without a rule nothing can be said against it."""
    finder = FINDERS.get(mismatch.code)
    return finder is not None and any(one.about == mismatch.about for one in finder(at))

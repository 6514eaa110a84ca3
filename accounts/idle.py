"""People who have not come for years: whose data no purpose needs any more."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from accounts.erased import NOWHERE
from accounts.models import User

IDLE_FOR: Final = timedelta(days=3 * 365)
Signs = Callable[[datetime], Q]
_signs: list[Signs] = []


def sign_of_life(asked: Signs) -> Signs:
    """For an app above: who has something of its own since a moment, as a condition on people."""
    if asked not in _signs:
        _signs.append(asked)
    return asked


def people(*, at: datetime) -> QuerySet[User]:
    """Runners without a sign of life for three years, nobody of them erased or about to be."""
    since = at - IDLE_FOR
    idle = User.objects.runners().filter(
        Q(last_login=None) | Q(last_login__lt=since), joined_at__lt=since
    )
    idle = idle.exclude(email__endswith=f"@{NOWHERE}")
    for asked in _signs:
        idle = idle.exclude(asked(since))
    open_ones = Q(erasures__cancelled_at=None, erasures__done_at=None, erasures__pk__isnull=False)
    found: QuerySet[User] = idle.exclude(open_ones).order_by("pk")
    return found

"""Up to when the books are closed: what was posted until then stays as it is (B10, F5).

Whoever corrects asks here. The database refuses what is dated into a closed period; what
happened there and is learnt of later is dated into the open one, and says when it was.
"""

from datetime import datetime

from django.db.models import Max

from payments.models import Period


def is_closed(effective_at: datetime) -> bool:
    """Whether a posting dated so belongs to a closed period."""
    until = closed_until()
    return until is not None and effective_at < until


def closed_until() -> datetime | None:
    """The end of the last closed period; None while none is closed."""
    until: datetime | None = Period.objects.aggregate(until=Max("ends_at"))["until"]
    return until


def dated(moment: datetime, *, at: datetime) -> tuple[datetime, datetime | None]:
    """When a posting takes effect, and when it happened if that was in a closed period."""
    until = closed_until()
    if until is None or moment >= until:
        return moment, None
    return max(at, until), moment

"""Up to when the books are closed: what was posted until then stays as it is (B10, F5).

Whoever corrects asks here. The database refuses what is dated into a closed period; what
happened there and is learnt of later is dated into the open one, and says when it was.
"""

from datetime import datetime

from django.db import connection
from django.db.models import Max

from payments.guards import CLOSING_LOCK
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
    """When a posting takes effect, and when it happened if that was in a closed period.

    Whoever closes a period waits for our transaction, or we for that: so what we read holds.
    """
    wait_for_closing()
    until = closed_until()
    if until is None or moment >= until:
        return moment, None
    return max(at, until), moment


def wait_for_closing() -> None:
    """Take the lock of those who post. On SQLite there is one writer at a time anyway."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [CLOSING_LOCK])


def keep_posters_out() -> None:
    """Take the lock of whoever closes: alone, until our transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLOSING_LOCK])

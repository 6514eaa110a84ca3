"""Writing the audit trail: called by acts, inside their transaction."""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final

from accounts.audit_trail import AuditEntry
from accounts.models import User

# Where the request being answered came from, hashed; empty outside one.
origin: Final[ContextVar[str]] = ContextVar("audit_origin", default="")


def record(
    action: str,
    *,
    by: User | None,
    at: datetime,
    about: str,
    key: str,
    runner: User | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> AuditEntry:
    """Note an act of `by` (None: the portal itself) on the thing of kind `about` called `key`.

    `before` and `after` are what changed, ready for JSON: states, figures, ids of rows. No names,
    addresses, or words about somebody's health: the trail outlives the person's erasure.
    """
    return AuditEntry.objects.create(
        at=at,
        action=action,
        by=by.public_id if by else None,
        about=about,
        key=key,
        runner=runner.public_id if runner else None,
        before=dict(before or {}),
        after=dict(after or {}),
        why=why[:500],
        origin=origin.get(),
    )

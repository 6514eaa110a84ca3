"""Writing the audit trail: called by acts, inside their transaction."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final

from accounts.audit_trail import AuditEntry
from accounts.models import User

# Where the request being answered came from, hashed; empty outside one.
origin: Final[ContextVar[str]] = ContextVar("audit_origin", default="")
# Who sent it, looked up only when asked: for what is noted by signals, which know no actor.
asker: Final[ContextVar[Callable[[], User | None]]] = ContextVar(
    "audit_asker", default=lambda: None
)
_quiet: Final[ContextVar[bool]] = ContextVar("audit_quiet", default=False)


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


@contextmanager
def acting(by: User | None) -> Iterator[None]:
    """For an act that knows its actor and writes rows whose changes signals note."""
    token = asker.set(lambda: by)
    try:
        yield
    finally:
        asker.reset(token)


@contextmanager
def by_the_release() -> Iterator[None]:
    """What a new release sets up by itself is no act of anybody: signals note nothing in here."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def is_quiet() -> bool:
    return _quiet.get()

"""Trying again when the database was too busy, not when it said no.

A lock that could not be had in time, or a deadlock broken by the database, rolled the act back
whole; every act looks at everything again, so doing it once more is safe.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError
from django.utils.translation import gettext as _

from scheduling.errors import Busy

Asked = ParamSpec("Asked")
Result = TypeVar("Result")

ATTEMPTS = 3
LOCK_NOT_AVAILABLE, DEADLOCK = "55P03", "40P01"


def patiently(act: Callable[[], Result]) -> Result:
    """The act's answer, from the first attempt that gets its locks.

    Raises:
        Busy: none did; nothing was written.
    """
    for _attempt in range(ATTEMPTS):
        try:
            return act()
        except OperationalError as error:
            if not _is_contention(error):
                raise
    raise Busy(_("The diary is very busy. Nothing was changed. Please try again."))


def patient(act: Callable[Asked, Result]) -> Callable[Asked, Result]:
    """An act that is always done ``patiently``. It stands outside of the act's transaction."""

    @wraps(act)
    def tried(*args: Asked.args, **kwargs: Asked.kwargs) -> Result:
        return patiently(lambda: act(*args, **kwargs))

    return tried


def _is_contention(error: OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return state in {LOCK_NOT_AVAILABLE, DEADLOCK} or "database is locked" in str(error)

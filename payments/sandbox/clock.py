"""The sandbox's clock: real time plus an offset, or frozen. Everything reads this one.

It never runs backwards under objects that exist, because lists, payouts and expiries would
contradict each other; an empty sandbox may start at any moment.
"""

import re
import time
from datetime import UTC, datetime

from payments.sandbox.store import Store

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
PIECE = re.compile(r"(\d+)([smhdw])")
DURATION = re.compile(r"(?:\d+[smhdw])+\Z")


class BadMoment(ValueError):
    """The text is no moment or duration, or the clock may not go there."""


class Clock:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._offset = int(store.recall("clock.offset") or 0)
        frozen_at = store.recall("clock.frozen_at")
        self._frozen_at = int(frozen_at) if frozen_at else None

    def now(self) -> int:
        """Seconds since the epoch."""
        if self._frozen_at is not None:
            return self._frozen_at
        return int(time.time()) + self._offset

    @property
    def is_frozen(self) -> bool:
        return self._frozen_at is not None

    def place(self, moment: int) -> None:
        """Show `moment` from now on; a frozen clock stays frozen there."""
        if self._frozen_at is None:
            self._offset = moment - int(time.time())
        else:
            self._frozen_at = moment
        self._remember()

    def freeze(self) -> None:
        self._frozen_at = self.now()
        self._remember()

    def unfreeze(self) -> None:
        if self._frozen_at is not None:
            self._offset = self._frozen_at - int(time.time())
            self._frozen_at = None
        self._remember()

    def follow_real_time(self) -> None:
        self._offset, self._frozen_at = 0, None
        self._remember()

    def _remember(self) -> None:
        self._store.remember("clock.offset", str(self._offset))
        self._store.remember("clock.frozen_at", str(self._frozen_at or ""))


def read_duration(value: object) -> int:
    """Seconds from 90, "90", "25h", "1d12h"."""
    if isinstance(value, int) and value >= 0:
        return value
    text = str(value).strip().lower().replace(" ", "")
    if text.isdigit():
        return int(text)
    if not DURATION.match(text):
        raise BadMoment(f"{value!r} is no duration; write for example 25h, 3d or 1d12h.")
    return sum(int(count) * UNITS[unit] for count, unit in PIECE.findall(text))


def read_moment(value: object) -> int:
    """Epoch seconds from 1790000000 or an ISO 8601 text; a text without a zone means UTC."""
    if isinstance(value, (int, float)) and value > 0:
        return int(value)
    text = str(value).strip()
    if text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{value!r} is no moment; write epoch seconds or 2026-10-01T08:00:00+00:00."
        raise BadMoment(message) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def real_now() -> int:
    return int(time.time())

"""What the apps below answered in the last seconds, remembered by this process.

An answer belongs to a version of the content (``cms.purging``): whatever changes an offer or what
is free begins a new one when it is committed. Inside a transaction nothing is remembered, because
what it reads may never be committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection

from cms.purging import content_version

T = TypeVar("T")
SECONDS = 15  # time itself changes what is free, and some acts write past signals
MOST = 500

_answers: dict[str, tuple[Any, float, Any]] = {}


def remembered(question: str, read: Callable[[], T]) -> T:
    """The answer to a question asked in the last seconds of this version, else a new one."""
    if connection.in_atomic_block:
        return read()
    version, now = content_version().now(), time.monotonic()
    known = _answers.get(question)
    if known and known[0] == version and known[1] > now:
        kept: T = known[2]
        return kept
    answer = read()
    if len(_answers) >= MOST:
        _answers.clear()
    _answers[question] = (version, now + SECONDS, answer)
    return answer

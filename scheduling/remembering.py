"""Lists of free times, remembered for a few seconds (E26).

A remembered list belongs to a version of the diary. Whatever changes what is free makes a new
version when it is committed, and lists of the old one are never looked at again; they are gone
after 15 seconds anyway, because time itself changes what is free (notice, holds that run out).
The version is read before a list is made, so a list made while something changed is filed under
the version that has just ended. Claims ask the diary itself and never this.
"""

import uuid
from collections.abc import Callable, Container
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

SECONDS = 15
VERSION = "free-times:version"


@dataclass(frozen=True, slots=True)
class Answer:
    """A list as it goes out; the tag changes with every byte of it."""

    etag: str
    body: bytes


def answer(question: str, make: Callable[[], bytes], known: Container[str] = ()) -> Answer:
    """The answer to a question asked in the last seconds, else a new one.

    With an empty body for who has it already: its tag is among the ``known`` ones. The tag has a
    key of its own, because most who ask again have the list and need not have it fetched.
    """
    key = f"free-times:{version()}:{sha256(question.encode()).hexdigest()}"
    etag = cache.get(f"{key}:tag")
    if etag is not None and etag in known:
        return Answer(etag, b"")
    body = cache.get(key) if etag is not None else None
    if body is None:
        body = make()
        etag = f'"{sha256(body).hexdigest()[:32]}"'
        cache.set_many({f"{key}:tag": etag, key: body}, SECONDS)
    return Answer(etag, body)


def version() -> str:
    """Of the diary, as the cache knows it; a lost one is made anew."""
    known = cache.get(VERSION)
    if known is None:  # only then: in a database, adding takes the lock of a writer
        cache.add(VERSION, uuid.uuid4().hex, None)
        known = cache.get(VERSION)
    return str(known)


def forget() -> None:
    """Begin a new version now."""
    cache.set(VERSION, uuid.uuid4().hex, None)


def forget_on_commit(**_: Any) -> None:
    """The receiver of whatever changes what is free. A cache that is away undoes no booking."""
    transaction.on_commit(forget, robust=True)


def watch() -> None:
    """Connect everything a list is made of. What writes past signals calls ``forget`` itself."""
    from payments.models import Service, ServiceVariant
    from scheduling import models

    watched = (
        Service,
        ServiceVariant,
        models.Booking,
        models.BusyCalendar,
        models.BusyTime,
        models.Closure,
        models.HoursException,
        models.Location,
        models.Room,
        models.Therapist,
        models.TherapistVariant,
        models.TimeOff,
        models.WorkingHours,
    )
    for model in watched:
        for signal in (post_save, post_delete):
            signal.connect(forget_on_commit, sender=model, dispatch_uid="scheduling.remembering")
    m2m_changed.connect(
        forget_on_commit,
        sender=models.Room.variants.through,
        dispatch_uid="scheduling.remembering",
    )

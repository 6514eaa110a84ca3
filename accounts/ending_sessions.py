"""Ending sessions from outside: of one person whose device was lost, or of everybody at once."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts import auditing
from accounts.models import User


def end_sessions_of(person: User, *, by: User | None, at: datetime) -> int:
    """How many there were: browsers and apps, with or without a row in her list."""
    with sessions_end(person, by=by, at=at) as ended:
        pass
    return len(ended)


@contextmanager
def sessions_end(person: User, *, by: User | None, at: datetime) -> Iterator[set[str]]:
    """They end in one transaction with what is done inside; their keys are known after it.

    Whose a session is stands inside it, so all are read. That is done before the transaction,
    which under SQLite keeps everybody else from writing, and once more after it for those who
    signed in meanwhile.
    """
    ended: set[str] = set()
    read, hers = _read(person, at=at)
    with transaction.atomic():
        yield ended
        _end(person, hers, by=by, at=at)
    ended |= hers
    _, late = _read(person, at=at, known=read)
    if late:
        _end(person, late, by=by, at=at)
        ended |= late


@transaction.atomic
def end_all_sessions(*, by: User | None, at: datetime) -> int:
    """Visitors' sessions too, with the times they hold: nobody's cookie opens anything."""
    ended = Session.objects.count()
    Session.objects.all().delete()
    UserSession.objects.all().delete()
    _note(by=by, at=at, about="portal", key="everybody", ended=ended, runner=None)
    return ended


def _read(person: User, *, at: datetime, known: Collection[str] = ()) -> tuple[set[str], set[str]]:
    """The keys of all sessions but the `known`, and of those the person's."""
    running = Session.objects.filter(expire_date__gt=at)
    keys = set(running.values_list("pk", flat=True)).difference(known)
    rows = running.filter(pk__in=keys) if known else running
    hers = {row.pk for row in rows.iterator() if _is_of(person, row)}
    return keys, hers


def _is_of(person: User, session: Session) -> bool:
    return bool(session.get_decoded().get(SESSION_KEY) == str(person.pk))


@transaction.atomic
def _end(person: User, keys: set[str], *, by: User | None, at: datetime) -> None:
    Session.objects.filter(pk__in=keys).delete()
    UserSession.objects.filter(user=person).delete()
    about = str(person.public_id)
    _note(by=by, at=at, about="user", key=about, ended=len(keys), runner=person)


def _note(
    *, by: User | None, at: datetime, about: str, key: str, ended: int, runner: User | None
) -> None:
    auditing.record(
        "sessions.ended", by=by, at=at, about=about, key=key, runner=runner, after={"ended": ended}
    )

"""Ending sessions from outside: of one person whose device was lost, or of everybody at once."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts import auditing
from accounts.models import User


@transaction.atomic
def end_sessions_of(person: User, *, by: User | None, at: datetime) -> int:
    """How many there were: browsers and apps, with or without a row in her list."""
    hers = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(person.pk)
    ]
    Session.objects.filter(pk__in=hers).delete()
    UserSession.objects.filter(user=person).delete()
    _note(by=by, at=at, about="user", key=str(person.public_id), ended=len(hers), runner=person)
    return len(hers)


@transaction.atomic
def end_all_sessions(*, by: User | None, at: datetime) -> int:
    """Visitors' sessions too, with the times they hold: nobody's cookie opens anything."""
    ended = Session.objects.count()
    Session.objects.all().delete()
    UserSession.objects.all().delete()
    _note(by=by, at=at, about="portal", key="everybody", ended=ended, runner=None)
    return ended


def _note(
    *, by: User | None, at: datetime, about: str, key: str, ended: int, runner: User | None
) -> None:
    auditing.record(
        "sessions.ended", by=by, at=at, about=about, key=key, runner=runner, after={"ended": ended}
    )

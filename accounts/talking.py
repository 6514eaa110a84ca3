"""Letting a runner book online again whom her answers asked to call (G4)."""

from datetime import datetime

from django.db import transaction

from accounts import auditing
from accounts.health import TalkFirst
from accounts.models import User


def is_asked_to_talk(person: User) -> bool:
    return TalkFirst.objects.standing().filter(person=person).exists()


@transaction.atomic
def let_book_again(*, person: User, by: User, at: datetime) -> bool:
    """Somebody talked to her. False: nobody asked her to, or a colleague was quicker."""
    standing = TalkFirst.objects.standing().filter(person=person)
    released = bool(standing.update(released_at=at, released_by=by.public_id))
    if released:
        auditing.record(
            "health.talked",
            by=by,
            at=at,
            about="user",
            key=str(person.public_id),
            runner=person,
        )
    return released

"""Agreeing to a purpose and taking it back (G2, N5)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts import auditing
from accounts.consents import Channel, Consent, Purpose
from accounts.models import User


def give(
    person: User,
    purpose: Purpose,
    *,
    text_version: str,
    text: str,
    channel: Channel,
    by: User,
    at: datetime,
) -> Consent:
    """Note that `person` agreed to `text`. Agreeing again to the same words changes nothing."""
    last = _last(person, purpose)
    if last and last.granted and last.text_version == text_version:
        return last
    words = {"text_version": text_version, "text": text}
    return _decide(person, purpose, granted=True, channel=channel, by=by, at=at, **words)


def withdraw(
    person: User, purpose: Purpose, *, channel: Channel, by: User, at: datetime
) -> Consent:
    """Note that `person` does not agree, or no longer. Saying it again changes nothing."""
    last = _last(person, purpose)
    if last and not last.granted:
        return last
    return _refuse(person, purpose, last, channel=channel, by=by, at=at)


def torn_between(one: User, other: User) -> list[Purpose]:
    """Purposes to which one of the two said yes last, and the other no."""
    return [
        purpose
        for purpose in Purpose
        if (has_given(one, purpose) and has_refused(other, purpose))
        or (has_refused(one, purpose) and has_given(other, purpose))
    ]


def stay_with_no(person: User, purpose: Purpose, *, by: User, at: datetime) -> Consent:
    """Of a yes and a no that turned out to be one person's, the no holds: a decision of its own.

    Also where the no is the later one: what rests on the yes has to go with it.
    """
    last = _last(person, purpose)
    return _refuse(person, purpose, last, channel=Channel.DESK, by=by, at=at)


def _refuse(
    person: User,
    purpose: Purpose,
    last: Consent | None,
    *,
    channel: Channel,
    by: User,
    at: datetime,
) -> Consent:
    words = {
        "text_version": last.text_version if last else "",
        "text": last.text if last else "",
    }
    return _decide(person, purpose, granted=False, channel=channel, by=by, at=at, **words)


def has_given(person: User, purpose: Purpose) -> bool:
    """For what needs a yes: nothing decided is a no."""
    return last_given(person, purpose) is not None


def last_given(person: User, purpose: Purpose) -> Consent | None:
    """The yes that holds."""
    last = _last(person, purpose)
    return last if last and last.granted else None


def has_refused(person: User, purpose: Purpose) -> bool:
    """For what may be until somebody says no: nothing decided is not a no."""
    last = _last(person, purpose)
    return bool(last and not last.granted)


def consents_of(person: User) -> Sequence[Consent]:
    """Every decision, the latest first."""
    return list(Consent.objects.filter(person=person).latest_first())


def _last(person: User, purpose: Purpose) -> Consent | None:
    return Consent.objects.filter(person=person, purpose=purpose).latest_first().first()


@transaction.atomic
def _decide(
    person: User,
    purpose: Purpose,
    *,
    granted: bool,
    text_version: str,
    text: str,
    channel: Channel,
    by: User,
    at: datetime,
) -> Consent:
    decision = Consent.objects.create(
        person=person,
        purpose=purpose,
        granted=granted,
        text_version=text_version,
        text=text,
        channel=channel,
        at=at,
        by=by.public_id,
    )
    auditing.record(
        "consent.given" if granted else "consent.withdrawn",
        by=by,
        at=at,
        about="user",
        key=str(person.public_id),
        runner=person,
        after={"purpose": purpose, "text_version": text_version, "channel": channel},
    )
    return decision

"""The alarm when many tries to sign in fail at once: somebody tries passwords of elsewhere.

It rings once, and again after a quiet time; without one, each day while it lasts, and at ten times
as many, or mere noise would cover an attack. People in charge get a mail, the trail and the log a
line, and the first staff page says so for a day. Of the tries only their number is known.
"""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from accounts import auditing, outbox
from accounts.audit_trail import AuditEntry
from accounts.models import Message
from accounts.outbox import Letter
from accounts.roles import in_charge
from payments.days import practice_day, practice_zone
from scheduling.wording import moment_words

log = logging.getLogger(__name__)

ACT: Final = "sign_in.attacked"
MAIL: Final = "sign_in_attacked"
SHOWN_FOR: Final = timedelta(days=1)
LOUDER: Final = 10  # times as many as were told of
_RINGING: Final = "sign_in_alarm:told"


def ring(sender: object, count: int, at: datetime, **kwargs: object) -> None:
    """Tell of an attack once; each further failure makes the quiet time begin anew."""
    quiet_after = timedelta(minutes=2 * settings.SIGN_IN_ALARM_MINUTES)
    seconds = int(quiet_after.total_seconds())
    told = cache.get(_RINGING)
    if told and not _is_news(told, count, at, quiet_after):
        cache.touch(_RINGING, timeout=seconds)
        return
    # Of many processes one tells, whatever the others found.
    telling = f"{_RINGING}:after:{told['at'].timestamp() if told else 'quiet'}"
    if not cache.add(telling, True, timeout=seconds):
        return
    try:
        _tell(count, at)
    except Exception:
        cache.delete(telling)  # nobody heard it, so the next failure rings again
        raise
    cache.set(_RINGING, {"at": at, "count": count}, timeout=seconds)


def _is_news(told: dict[str, Any], count: int, at: datetime, quiet_after: timedelta) -> bool:
    """Early enough that the page speaks of it without a gap: `quiet_after` is the longest wait."""
    since: timedelta = at - told["at"]
    return since >= SHOWN_FOR - quiet_after or count >= LOUDER * int(told["count"])


def last_alarm(*, at: datetime) -> str:
    """The alarm of the last day in a sentence, for the first staff page; one query."""
    recent = AuditEntry.objects.filter(at__gt=at - SHOWN_FOR, at__lte=at, action=ACT)
    entry = recent.order_by("-at").first()
    if entry is None:
        return ""
    when, found = moment_words(entry.at, practice_zone().key), entry.after
    return (
        f"{when}: {found['failed']} tries failed within {found['minutes']} minutes. Limits hold."
        " Look for changes that nobody knows of, and tell whoever runs the server."
    )


@transaction.atomic
def _tell(count: int, at: datetime) -> None:
    minutes = settings.SIGN_IN_ALARM_MINUTES
    log.error("%s tries to sign in failed within %s minutes", count, minutes)
    # Whose try happened to be the last says nothing of where the others came from.
    where = auditing.origin.set("")
    try:
        entry = auditing.record(
            ACT,
            by=None,
            at=at,
            about="sign-in",
            key=str(practice_day(at)),
            after={"failed": count, "minutes": minutes},
        )
    finally:
        auditing.origin.reset(where)
    for person in in_charge():
        outbox.enqueue(
            kind=MAIL,
            about=str(entry.pk),
            to=person.email,
            user=person,
            dedupe_key=f"{MAIL}:{entry.pk}:{person.pk}",
            at=at,
        )


def register() -> None:
    """Tell the outbox who writes the mail; called when the app is ready."""
    outbox.writer(MAIL)(_letter)


def _letter(message: Message, *, at: datetime) -> Letter:
    entry = AuditEntry.objects.get(pk=int(message.about))
    return Letter(
        subject="Many failed sign-ins",
        template=MAIL,
        context={"found": entry.after, "path": reverse("staff:audit")},
    )

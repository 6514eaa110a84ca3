"""What follows when a mail comes back (N7): its status, and an address known to be dead."""

import logging
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from accounts.bounce_reports import Report, read_report
from accounts.bounces import Bounce
from accounts.consent_texts import decide
from accounts.consents import Channel
from accounts.models import Message, User
from accounts.outbox import purpose_of

log = logging.getLogger(__name__)


class Taken(StrEnum):
    """What became of a mail that was handed to us."""

    NOTED = "noted"
    NOT_A_REPORT = "not a report"
    NOT_OURS = "about no mail of ours"
    NOT_FINAL = "the mail is still on its way"


def take_bounce(raw: bytes, *, at: datetime) -> Taken:
    """Note what a report says of one of our mails. The same report again changes nothing."""
    report = read_report(raw)
    if report is None:
        return Taken.NOT_A_REPORT
    if not report.failed and not report.complaint:
        return Taken.NOT_FINAL
    message = Message.objects.filter(public_id__in=report.message_ids).select_related("user")
    sent = message.exclude(sent_at=None).first()
    if sent is None:
        return Taken.NOT_OURS
    _note(sent, report, at)
    return Taken.NOTED


@transaction.atomic
def _note(message: Message, report: Report, at: datetime) -> None:
    kind = Bounce.Kind.REFUSED
    if report.complaint:
        kind = Bounce.Kind.COMPLAINT
    elif report.address_is_dead:
        kind = Bounce.Kind.HARD
    _, is_new = Bounce.objects.get_or_create(
        message=message,
        kind=kind,
        defaults={
            "email": message.to_email.lower(),
            "status": report.status,
            "said": report.said,
            "at": at,
        },
    )
    if is_new:
        log.info("Message %s came back: %s %s", message.public_id, kind, report.status)
    if report.complaint:
        _stop(message, at)


def _stop(message: Message, at: datetime) -> None:
    """Who marks a mail as spam wants no more of its kind."""
    purpose = purpose_of(message.kind)
    if purpose and message.user:
        decide(
            message.user,
            purpose,
            agrees=False,
            channel=Channel.UNSUBSCRIBE,
            by=message.user,
            at=at,
        )


def is_undeliverable(person: User) -> bool:
    """Whether mail to the address she has now comes back. Another address starts clean."""
    return Bounce.objects.of_dead_address(person.email).exists()


def mend(email: str, *, at: datetime) -> int:
    """A mail did reach the address: somebody read a code there."""
    return Bounce.objects.of_dead_address(email).update(mended_at=at)


def bounces_of(messages: Sequence[Message]) -> dict[int, Bounce]:
    """What came back of each, the gravest last; one query."""
    found = Bounce.objects.filter(message__in=messages).order_by("at", "pk")
    return {bounce.message_id: bounce for bounce in found}

"""The outbox: mail is owed inside a transaction and sent outside it, at least once.

``enqueue`` writes a ``Message`` beside the fact it tells of. A worker leases it, asks the
writer of its kind for the words, sends, and marks it. A worker that dies between sending and
marking leaves a lease to run out: the mail goes again under the same Message-ID.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from accounts.bounces import Bounce
from accounts.consent_texts import is_on
from accounts.consents import Purpose
from accounts.erased import is_nowhere
from accounts.mailing import compose, message_id, return_path
from accounts.models import Message, User
from accounts.unsubscribing import headers_for, unsubscribe_url

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # far above the ten seconds a mail server is given
BACK_OFF_MINUTES = (1, 2, 5, 10, 20, 30, 60, 120, 240, 480, 480)  # about a day in all


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes
    mimetype: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What to send: ``template`` names ``emails/<template>.txt`` and ``.html``."""

    subject: str
    template: str
    context: Mapping[str, Any]
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is left to say: a reminder of a session cancelled meanwhile."""

    because: str


@dataclass(frozen=True, slots=True)
class Rewording:
    """The practice's own words for a mail; the facts between them stay as they are."""

    subject: str = ""
    before: Sequence[str] = ()  # paragraphs
    after: Sequence[str] = ()


Writer = Callable[..., Letter | Silence]
_writers: dict[str, Writer] = {}
_purposes: dict[str, Purpose] = {}
_rewordings: list[Callable[[str, Letter], Rewording | None]] = []


def writer(kind: str, *, purpose: Purpose | None = None) -> Callable[[Writer], Writer]:
    """Registers ``fn(message, *, at) -> Letter | Silence`` for a kind; done in ``ready()``.

    A kind with a ``purpose`` goes only to people who want it, each mail with a way to stop it.
    """

    def register(fn: Writer) -> Writer:
        known = _writers.get(kind)
        if known is not None and known is not fn:
            raise ValueError(f"Two writers for {kind!r}.")
        _writers[kind] = fn
        if purpose is not None:
            _purposes[kind] = purpose
        return fn

    return register


def purpose_of(kind: str) -> Purpose | None:
    """What a mail may be refused for; None for one that a booking or a payment needs."""
    return _purposes.get(kind)


def reword_with(words: Callable[[str, Letter], Rewording | None]) -> None:
    """For the app whose editors may reword a kind of mail. Called in ``ready``."""
    if words not in _rewordings:
        _rewordings.append(words)


def enqueue(
    *,
    kind: str,
    about: str,
    to: str,
    user: User | None,
    dedupe_key: str,
    at: datetime,
    send_after: datetime | None = None,
) -> Message:
    """Owe somebody a mail. A ``dedupe_key`` seen before returns the first message.

    Call it inside the transaction of the fact. Sent as soon as a worker sees it, or from
    ``send_after`` on.
    """
    message, created = Message.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "kind": kind,
            "about": about,
            "to_email": to,
            "user": user,
            "created_at": at,
            "send_after": send_after or at,
        },
    )
    if created and message.send_after <= at:
        transaction.on_commit(partial(_ask_a_worker, message.pk), robust=True)
    return message


def _ask_a_worker(pk: int) -> None:
    send_message.enqueue(pk)


@task()
def send_message(pk: int) -> None:
    """Sends one message now; whatever goes wrong, ``send_due`` comes by later."""
    _lease_and_send(pk, at=timezone.now())


def send_due(*, at: datetime, limit: int = 50) -> int:
    """Send what is due, oldest first; returns how many mails left. Safe beside others."""
    started = time.monotonic()
    sent = 0
    waiting = Message.objects.due(at).order_by("send_after", "pk").values_list("pk", flat=True)
    for pk in list(waiting[:limit]):
        # A slow mail server must not make the later leases of this round start in the past.
        now = at + timedelta(seconds=time.monotonic() - started)
        sent += _lease_and_send(pk, at=now)
    return sent


def _lease_and_send(pk: int, *, at: datetime) -> bool:
    if not _lease(pk, at=at):
        return False
    message = Message.objects.select_related("user").get(pk=pk)
    try:
        return _send(message, at=at)
    except Exception as error:
        log.exception("Message %s (%s) was not sent", message.pk, message.kind)
        _put_back(message, error, at=at)
        return False


def _lease(pk: int, *, at: datetime) -> bool:
    """One conditional UPDATE: of two workers the second finds nothing to lease."""
    due = Message.objects.due(at).filter(pk=pk)
    return bool(due.update(leased_until=at + LEASE, attempts=F("attempts") + 1))


def _send(message: Message, *, at: datetime) -> bool:
    if is_nowhere(message.to_email):
        _close(message, dropped_at=at, dropped_because="The account was deleted.")
        return False
    letter = _unwanted(message) or _writers[message.kind](message, at=at)
    if isinstance(letter, Silence):
        _close(message, dropped_at=at, dropped_because=letter.because[:200])
        return False
    stop_url = _stop_url(message)
    own = reworded(message.kind, letter)
    mail = compose(
        to=message.to_email,
        subject=own.subject or letter.subject,
        text_template=f"emails/{letter.template}.txt",
        html_template=f"emails/{letter.template}.html",
        context={**letter.context, "own_words": own, "unsubscribe_url": stop_url},
        headers={
            "Message-ID": message_id(message.public_id),
            **(headers_for(stop_url) if stop_url else {}),
        },
        return_path=return_path(message.public_id),
    )
    for attachment in letter.attachments:
        mail.attach(attachment.name, attachment.content, attachment.mimetype)
    mail.send()
    _close(message, sent_at=at, subject=mail.subject[:200])
    return True


def _unwanted(message: Message) -> Silence | None:
    """Asked at the last moment: she may have said no since the mail was owed."""
    purpose = purpose_of(message.kind)
    if purpose is None:
        return None
    if message.user is None or not is_on(message.user, purpose):
        return Silence("She asked for no mails like this.")
    if Bounce.objects.of_dead_address(message.to_email).exists():
        return Silence("Mail to this address comes back.")
    return None


def _stop_url(message: Message) -> str:
    purpose = purpose_of(message.kind)
    return unsubscribe_url(message.user, purpose) if purpose and message.user else ""


def reworded(kind: str, letter: Letter) -> Rewording:
    """The practice's own words for this letter; empty ones where it has none."""
    for words in _rewordings:
        if own := words(kind, letter):
            return own
    return Rewording()


def _put_back(message: Message, error: Exception, *, at: datetime) -> None:
    trouble = f"{type(error).__name__}: {error}"[:2000]
    if message.attempts > len(BACK_OFF_MINUTES):
        _close(
            message,
            dropped_at=at,
            dropped_because=f"Given up after {message.attempts} attempts.",
            last_error=trouble,
        )
        return
    wait = timedelta(minutes=BACK_OFF_MINUTES[message.attempts - 1])
    Message.objects.filter(pk=message.pk).unsent().update(
        send_after=at + wait, leased_until=None, last_error=trouble
    )


def _close(message: Message, **fields: Any) -> None:
    Message.objects.filter(pk=message.pk).unsent().update(leased_until=None, **fields)


def forget(*, kinds: Collection[str], about: Collection[str]) -> int:
    """Delete mails, sent or not, about something that is deleted itself; returns how many."""
    deleted, _ = Message.objects.filter(kind__in=kinds, about__in=about).delete()
    return int(deleted)

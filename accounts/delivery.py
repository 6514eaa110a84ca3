"""What became of each mail to a person, for the page of a client (N7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from accounts.bounces import Bounce
from accounts.bouncing import bounces_of
from accounts.models import Message, User

SHOWN: Final = 50


class Delivery(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class MessageShown:
    """A mail as staff see it: never what it says, only what it was about."""

    public_id: UUID
    kind: str
    what: str
    to: str
    at: datetime
    status: Delivery
    why: str


def messages_of(person: User, *, limit: int = SHOWN) -> Sequence[MessageShown]:
    """The latest in front; two queries, however many."""
    rows = list(Message.objects.filter(user=person).order_by("-created_at", "-pk")[:limit])
    back = bounces_of(rows)
    return [_shown(row, back.get(row.pk)) for row in rows]


def _shown(message: Message, bounce: Bounce | None) -> MessageShown:
    status, why = _status(message, bounce)
    return MessageShown(
        public_id=message.public_id,
        kind=message.kind,
        what=message.subject or message.kind.replace("_", " ").capitalize(),
        to=message.to_email,
        at=message.sent_at or message.dropped_at or message.created_at,
        status=status,
        why=why,
    )


def _status(message: Message, bounce: Bounce | None) -> tuple[Delivery, str]:
    if bounce is not None:
        words = " ".join(part for part in (bounce.get_kind_display(), bounce.status) if part)
        complained = bounce.kind == Bounce.Kind.COMPLAINT
        return (Delivery.COMPLAINED if complained else Delivery.BOUNCED), words
    if message.dropped_at:
        return Delivery.DROPPED, message.dropped_because
    if message.sent_at:
        return Delivery.SENT, ""
    tried = f"Tried {message.attempts} times so far" if message.attempts else ""
    return Delivery.WAITING, tried

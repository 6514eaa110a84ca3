"""What "Data and privacy" shows, for the runner herself and for staff beside her."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts import erasing
from accounts.audit_trail import AuditEntry
from accounts.consent_texts import TEXTS, ConsentText, is_on
from accounts.consenting import consents_of
from accounts.erasing import Obstacle
from accounts.erasures import ErasureRequest
from accounts.models import User
from accounts.retention import Rule, schedule

SOMEBODY = "Somebody of the practice"


@dataclass(frozen=True, slots=True)
class Decision:
    """A yes or a no, as it is told: of which words, when, where and by whom."""

    purpose: str
    granted: bool
    version: str
    text: str
    channel: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A purpose with the words of today and whether it is followed."""

    words: ConsentText
    is_on: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody of the practice opened what is about her health."""

    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """An erasure asked for, or what asking would mean now."""

    request: ErasureRequest | None
    obstacles: Sequence[Obstacle]
    credits: int


def decisions_of(person: User) -> list[Decision]:
    """Every decision, the latest first; two queries."""
    found = consents_of(person)
    names = _names({one.by for one in found} - {person.public_id})
    return [
        Decision(
            purpose=one.get_purpose_display(),
            granted=one.granted,
            version=one.text_version,
            text=one.text,
            channel=one.get_channel_display(),
            at=one.at,
            who="" if one.by == person.public_id else names.get(one.by, SOMEBODY),
        )
        for one in found
    ]


def choices_of(person: User) -> list[Choice]:
    return [Choice(words, is_on(person, purpose)) for purpose, words in TEXTS.items()]


def readings_of(person: User, *, most: int = 50) -> list[Reading]:
    """Who read what is about her health, from the trail, the latest first."""
    entries = AuditEntry.objects.of(person.public_id).filter(action__startswith="health.read")
    found = list(entries.order_by("-at")[:most])
    names = _names({one.by for one in found if one.by})
    return [Reading(one.at, names.get(one.by, SOMEBODY) if one.by else SOMEBODY) for one in found]


def leaving_of(person: User, *, at: datetime) -> Leaving:
    return Leaving(
        request=erasing.open_request(person),
        obstacles=erasing.obstacles_of(person, at=at),
        credits=erasing.credits_of(person),
    )


def what_is_kept() -> list[Rule]:
    """The schedule without what is about nobody."""
    return [rule for rule in schedule() if rule.code not in {"webhooks", "staff", "uploads"}]


def _names(public_ids: set[UUID]) -> dict[UUID, str]:
    people = User.objects.filter(public_id__in=public_ids)
    return {person.public_id: person.name or SOMEBODY for person in people}

"""What "Data and privacy" shows, for the runner herself and for staff beside her."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts import erasing
from accounts.answering import form_in_force
from accounts.consent_texts import ConsentText
from accounts.consenting import consents_of, last_given
from accounts.consents import Consent, Purpose
from accounts.erasing import Obstacle
from accounts.erasures import ErasureRequest
from accounts.health_data import SOMEBODY, names_of
from accounts.intake_forms import IntakeForm
from accounts.models import User
from accounts.preferring import Choice, mails_of
from accounts.retention import Rule, schedule


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
class Leaving:
    """An erasure asked for, or what asking would mean now."""

    request: ErasureRequest | None
    obstacles: Sequence[Obstacle]
    credits: int


def decisions_of(person: User) -> list[Decision]:
    """Every decision, the latest first; two queries."""
    found = consents_of(person)
    names = names_of({one.by for one in found} - {person.public_id})
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
    """What she can decide, with the words she would agree to now."""
    choices = [*mails_of(person)]
    given = last_given(person, Purpose.HEALTH)
    if words := _about_health(form_in_force(), given):
        choices.append(Choice(words, given is not None))
    return choices


def leaving_of(person: User, *, at: datetime) -> Leaving:
    return Leaving(
        request=erasing.open_request(person),
        obstacles=erasing.obstacles_of(person, at=at),
        credits=erasing.credits_of(person),
    )


def what_is_kept() -> list[Rule]:
    """The schedule without what is about nobody."""
    return [rule for rule in schedule() if rule.code not in {"webhooks", "staff", "uploads"}]


def _about_health(form: IntakeForm | None, given: Consent | None) -> ConsentText | None:
    """Of the form in force; without one, what she agreed to, so that she can take it back."""
    title = Purpose.HEALTH.label
    if form is not None:
        return ConsentText(Purpose.HEALTH, form.text_version, form.consent_text, title)
    if given is not None:
        return ConsentText(Purpose.HEALTH, given.text_version, given.text, title)
    return None

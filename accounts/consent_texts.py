"""The words people agree to, in one place: whoever changes one gives it a new version.

What was agreed to is kept word for word with each decision; this is only what is asked today.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts import consenting
from accounts.consents import Channel, Consent, Purpose
from accounts.models import User


@dataclass(frozen=True, slots=True)
class ConsentText:
    """``needs_yes``: nothing happens before a yes. Otherwise it happens until somebody says no."""

    purpose: Purpose
    version: str
    title: str
    text: str
    needs_yes: bool = True


TEXTS: Final[Mapping[Purpose, ConsentText]] = {
    text.purpose: text
    for text in (
        ConsentText(
            Purpose.MARKETING,
            "marketing-1",
            "News and offers",
            "Send me news and offers by mail, about once a month. I can stop this at any time.",
        ),
        ConsentText(
            Purpose.CREDIT_NOTICES,
            "credit_notices-1",
            "Reminders about credits",
            "Remind me by mail before credits of mine expire. I can stop this at any time.",
            needs_yes=False,
        ),
        ConsentText(
            Purpose.HEALTH,
            "health-1",
            "Health questions",
            "You may keep my answers to the health questions, so that my therapist can treat me"
            " safely. Only therapists I book with read them, each reading is noted, and I can take"
            " this back at any time: the answers are deleted then.",
        ),
    )
}


def text_of(purpose: Purpose) -> ConsentText:
    return TEXTS[purpose]


def is_on(person: User, purpose: Purpose) -> bool:
    """Whether the purpose may be followed now: by a yes, or by no no."""
    if TEXTS[purpose].needs_yes:
        return consenting.has_given(person, purpose)
    return not consenting.has_refused(person, purpose)


def decide(
    person: User, purpose: Purpose, *, agrees: bool, channel: Channel, by: User, at: datetime
) -> Consent:
    """Note a yes to today's words, or a no."""
    if not agrees:
        return consenting.withdraw(person, purpose, channel=channel, by=by, at=at)
    text = TEXTS[purpose]
    return consenting.give(
        person, purpose, text_version=text.version, text=text.text, channel=channel, by=by, at=at
    )

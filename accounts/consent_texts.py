"""The words people agree to, in one place: whoever changes one gives it a new version.

What was agreed to is kept word for word with each decision; this is only what is asked today.
What is agreed to about health stands on the form of questions and is written by the practice.
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
    """What somebody reads before deciding about a purpose."""

    purpose: Purpose
    version: str
    text: str
    title: str


MARKETING: Final = ConsentText(
    Purpose.MARKETING,
    "marketing-1",
    "Send me news and offers of the practice by mail, now and then. I can stop them at any time.",
    "News and offers",
)
CREDIT_NOTICES: Final = ConsentText(
    Purpose.CREDIT_NOTICES,
    "credit-notices-1",
    "Tell me by mail before my sessions end, and when I have one or none left.",
    "Reminders about credits",
)
TEXTS: Final[Mapping[Purpose, ConsentText]] = {
    text.purpose: text for text in (MARKETING, CREDIT_NOTICES)
}
# Before a no, these are followed; the others wait for a yes.
UNLESS_REFUSED: Final = frozenset({Purpose.CREDIT_NOTICES})


def is_on(person: User, purpose: Purpose) -> bool:
    """Whether the purpose may be followed now: by a yes, or by no no."""
    if purpose in UNLESS_REFUSED:
        return not consenting.has_refused(person, purpose)
    return consenting.has_given(person, purpose)


def decide(
    person: User, purpose: Purpose, *, agrees: bool, channel: Channel, by: User, at: datetime
) -> Consent:
    """Note a yes to today's words, or a no. A yes about health comes with the answers instead."""
    if not agrees:
        return consenting.withdraw(person, purpose, channel=channel, by=by, at=at)
    text = TEXTS[purpose]
    return consenting.give(
        person, purpose, text_version=text.version, text=text.text, channel=channel, by=by, at=at
    )

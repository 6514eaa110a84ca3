"""Which mails somebody wants beyond those a session or a payment needs (N5).

Mails about what somebody booked or paid always go. The others have a purpose: news only after a
yes, reminders about credits until a no. `consent_texts.decide` turns one on or off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from accounts.consent_texts import TEXTS, ConsentText, is_on
from accounts.models import User

OPTIONAL: Final = tuple(TEXTS)


@dataclass(frozen=True, slots=True)
class Choice:
    """A purpose with the words of today, and whether it is followed."""

    words: ConsentText
    is_on: bool


def mails_of(person: User) -> Sequence[Choice]:
    """The mails she can do without."""
    return [Choice(words, is_on(person, purpose)) for purpose, words in TEXTS.items()]

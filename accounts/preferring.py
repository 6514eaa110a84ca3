"""Which mails somebody wants beyond those a session or a payment needs (N5).

Mails about what somebody booked or paid always go. The others have a purpose: news only after a
yes, reminders about credits until a no.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.consent_texts import TEXTS, ConsentText, decide, is_on
from accounts.consents import Channel, Purpose
from accounts.models import User

OPTIONAL: Final = (Purpose.CREDIT_NOTICES, Purpose.MARKETING)


@dataclass(frozen=True, slots=True)
class Preference:
    """A switch: what it is about, the words of it, and how it stands."""

    purpose: Purpose
    words: ConsentText
    wanted: bool


def preferences_of(person: User) -> Sequence[Preference]:
    return [Preference(each, TEXTS[each], is_on(person, each)) for each in OPTIONAL]


def set_preference(
    person: User, purpose: Purpose, *, wanted: bool, channel: Channel, by: User, at: datetime
) -> bool:
    """Turn the mails of a purpose on or off; whether that changed anything.

    A switch that stands as asked leaves no decision behind: nobody decided.
    """
    if is_on(person, purpose) == wanted:
        return False
    decide(person, purpose, agrees=wanted, channel=channel, by=by, at=at)
    return True

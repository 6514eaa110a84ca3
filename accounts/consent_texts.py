"""The words people agree to, in one place: whoever changes one gives it a new version.

What was agreed to is kept word for word with each decision; this is only what is asked today.
What is agreed to about health stands on the form of questions and is written by the practice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts import consenting
from accounts.consents import Channel, Purpose
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
    text.purpose: text for text in (CREDIT_NOTICES, MARKETING)
}
# Before a no, these are followed; the others wait for a yes.
UNLESS_REFUSED: Final = frozenset({Purpose.CREDIT_NOTICES})


def is_on(person: User, purpose: Purpose) -> bool:
    """Whether the purpose may be followed now: by a yes, or by no no."""
    if purpose in UNLESS_REFUSED:
        return not consenting.has_refused(person, purpose)
    return consenting.has_given(person, purpose)


@transaction.atomic
def decide(
    person: User, purpose: Purpose, *, agrees: bool, channel: Channel, by: User, at: datetime
) -> bool:
    """Note a yes to today's words, or a no: the one act behind every page, link and operation.

    Whether that changed anything. What stands as asked leaves no row: nobody decided. A yes about
    health comes with the answers instead.
    """
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not agrees:
        if changes := is_on(person, purpose):
            consenting.withdraw(person, purpose, channel=channel, by=by, at=at)
        return changes
    text = TEXTS[purpose]
    if is_on(person, purpose) and not _agreed_to_other_words(person, text):
        return False
    consenting.give(
        person, purpose, text_version=text.version, text=text.text, channel=channel, by=by, at=at
    )
    return True


def _agreed_to_other_words(person: User, text: ConsentText) -> bool:
    """Followed by a yes to words of before: a yes to those of today is a decision."""
    given = consenting.last_given(person, text.purpose)
    return given is not None and given.text_version != text.version

"""Passwords made of words that anybody would try here: the practice's, its trade's, the portal's.

The list is in docs/accounts.md, too; the practice's own words are read from its name and address.
"""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

OF_THE_TRADE: Final = (
    "athlete", "booking", "fitness", "marathon", "massage", "physio", "practice", "runner",
    "running", "session", "sports", "stretching", "therapist", "therapy", "treatment",
)  # fmt: skip
OF_THE_PORTAL: Final = (
    "account", "admin", "desk", "login", "manager", "owner", "passphrase", "password", "portal",
    "qwerty", "secret", "staff", "wagtail", "welcome",
)  # fmt: skip
_SHORTEST_WORD: Final = 4
ENOUGH: Final = 8  # letters that have to be left, as NIST asks of a whole password
SAYS: Final = "This is made of words that anybody would try here. Add some of your own."


class NotOurWords:
    """A password whose own part, without such words and without digits and signs, is too short.

    One that has none of them is left alone, whatever it is made of.
    """

    def validate(self, password: str, user: object = None) -> None:
        left = password.lower()
        for word in _words():
            left = left.replace(word, "")
        if left != password.lower() and len(re.sub(r"[\W\d_]", "", left)) < ENOUGH:
            raise ValidationError(SAYS, code="password_of_our_words")

    def get_help_text(self) -> str:
        return "Not the words of the practice or its trade alone."


def _words() -> list[str]:
    """The longest first, so that none hides in another."""
    practice: dict[str, Any] = settings.PRACTICE
    ours = " ".join(
        [practice["name"], *practice["address_lines"], urlsplit(settings.SITE_URL).hostname or ""]
    )
    found = {word for word in re.findall(r"[^\W\d_]+", ours.lower()) if len(word) >= _SHORTEST_WORD}
    return sorted(found.union(OF_THE_TRADE, OF_THE_PORTAL), key=len, reverse=True)

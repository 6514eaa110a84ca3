"""The words people agree to, each with its version. New words get a new version, never an edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from accounts.consents import Purpose


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What somebody reads before saying yes to a purpose."""

    purpose: Purpose
    version: str
    text: str


MARKETING: Final = ConsentText(
    Purpose.MARKETING,
    "marketing-1",
    "Send me news and offers of the practice by mail, now and then. I can stop them at any time.",
)
CREDIT_NOTICES: Final = ConsentText(
    Purpose.CREDIT_NOTICES,
    "credit-notices-1",
    "Tell me by mail before my sessions end, and when I have one or none left.",
)
TEXTS: Final[Mapping[Purpose, ConsentText]] = {
    text.purpose: text for text in (MARKETING, CREDIT_NOTICES)
}

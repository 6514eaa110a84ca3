"""What a rule finds, and where the rules are kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from payments.models import Order
from payments.money import DEFAULT_CURRENCY


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree: about what, for how much, and what else is known."""

    about: str
    amount_minor: int = 0
    currency: str = DEFAULT_CURRENCY
    order: Order | None = None
    details: dict[str, Any] = field(default_factory=dict)


Finder = Callable[[datetime], Iterable[Finding]]
FINDERS: dict[str, Finder] = {}


def register(code: str, finder: Finder) -> None:
    """Let an app above look for what only it can see."""
    FINDERS[code] = finder

"""Our best guess at what is the matter, and the acts that settle it.

Each code has a function that is given the mismatches of the code and answers with what can be
done about each: the best guess first. Reading a list costs the same few queries however long it
is; whatever calls Stripe is done only when a person has said yes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from payments.models import Mismatch

Act = Callable[[User, datetime], str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person decides: a kind of page ("order", "lot", "booking", ...) and which."""

    kind: str
    ident: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the button says and why; `act` does it and returns what was done, in words.

    One that only `leads_to` a page has no act: what is right is seen there.
    """

    key: str
    label: str
    explanation: str
    act: Act | None = None
    leads_to: Place | None = None


Suggester = Callable[[Sequence[Mismatch]], dict[int, list[Suggestion]]]
SUGGESTERS: dict[str, Suggester] = {}


def register(code: str, suggester: Suggester) -> None:
    """Let an app above say what can be done about what only it can see."""
    SUGGESTERS[code] = suggester


def suggestions(mismatches: Iterable[Mismatch]) -> dict[int, list[Suggestion]]:
    """What can be done about each, by its id; the best guess first."""
    by_code: dict[str, list[Mismatch]] = defaultdict(list)
    for mismatch in mismatches:
        by_code[mismatch.code].append(mismatch)
    found: dict[int, list[Suggestion]] = {}
    for code, ones in by_code.items():
        if code in SUGGESTERS:
            found |= SUGGESTERS[code](ones)
    return found


def each(one: Callable[[Mismatch], list[Suggestion]]) -> Suggester:
    """For guesses that need nothing but the mismatch itself."""
    return lambda mismatches: {mismatch.pk: one(mismatch) for mismatch in mismatches}


def seen(label: str, explanation: str, done: str, key: str = "seen") -> Suggestion:
    """A person has looked at it, and that is all there is to do."""
    return Suggestion(key, label, explanation, act=lambda by, at: done)

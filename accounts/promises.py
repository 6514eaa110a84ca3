"""Rules about people that the app owning a table adds to those the portal proves each night.

`manage.py check_invariants` lives above and cannot know every table below: who owns one says here,
from its AppConfig, how to find the rows that break a rule (docs/invariants.md).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that breaks a rule: which, what is the matter, and the public id behind it."""

    about: str
    what: str
    subject: str = ""
    key: str = ""


Finder = Callable[[datetime], Iterable[Broken]]
_added: dict[str, dict[str, Finder]] = defaultdict(dict)


def add(code: str, name: str, find: Finder) -> None:
    """Let `find` be asked too when rule `code` is proved; `name` makes adding it twice once."""
    _added[code][name] = find


def added_to(code: str) -> list[Finder]:
    return list(_added[code].values())

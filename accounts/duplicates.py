"""Accounts that may be one person: the same telephone, mailbox, or name with a similar address.

This only finds; staff who know the person decide (R7).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from django.db.models import Q, QuerySet

from accounts.models import User

FIGURES = 8  # of a telephone number, from its end: country codes and noughts in front differ
SIMILAR = 0.8
CROWD = 10  # so many accounts of one number are a club or a company, not one person


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two accounts, and what they have in common, for a person to read."""

    one: User
    other: User
    why: str


def duplicates() -> list[Duplicate]:
    """Pairs among all active clients, the surest first; one query."""
    return _among(list(_clients()))


def _among(clients: list[User]) -> list[Duplicate]:
    found: dict[tuple[int, int], Duplicate] = {}
    for key_of, why in _SURE:
        for one, other in _pairs(clients, key_of):
            found.setdefault((one.pk, other.pk), Duplicate(one, other, why))
    for one, other in _pairs(clients, _name):
        if _look_alike(one.email, other.email):
            why = "Same name, similar address"
            found.setdefault((one.pk, other.pk), Duplicate(one, other, why))
    return list(found.values())


def duplicates_of(person: User) -> list[Duplicate]:
    """Those of one person, with her as ``one``."""
    if person.is_staff or not person.is_active:
        return []
    about = [
        pair
        for pair in _among(list(_clients().filter(_perhaps(person))))
        if person.pk in (pair.one.pk, pair.other.pk)
    ]
    return [
        pair if pair.one.pk == person.pk else Duplicate(pair.other, pair.one, pair.why)
        for pair in about
    ]


def mailbox(email: str) -> str:
    """An address without what mail servers ignore: case, dots, and whatever follows a plus."""
    local, _, domain = email.lower().rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def _clients() -> "QuerySet[User]":
    people: QuerySet[User] = User.objects.filter(is_active=True, is_staff=False, is_superuser=False)
    return people.select_related("runner_profile").order_by("pk")


def _perhaps(person: User) -> Q:
    """All who could be a double of hers, and herself; the rules look at them more closely.

    Whoever shares a key with her has to be in it, or a crowd would not be seen as one.
    """
    local, _, domain = (re.escape(part) for part in _mailbox(person).rpartition("@"))
    letters = "".join(rf"{letter}\.*" for letter in _letters(local))
    found = Q(pk=person.pk) | Q(email__iregex=rf"^\.*{letters}(\+.*)?@{domain}$")
    if figures := _telephone(person):
        found |= Q(runner_profile__mobile__iregex="[^0-9]*".join(figures) + "[^0-9]*$")
    if name := _name(person):
        found |= Q(name__iregex=_spelt(name))
    return found


def _letters(escaped: str) -> list[str]:
    return re.findall(r"\\?.", escaped)


def _spelt(name: str) -> str:
    """Databases differ on the case of what is not ASCII, so what begins alike will do there."""
    if name.isascii():
        return rf"^\s*{_words(name)}\s*$"
    if not name[0].isascii():
        return r"^\s*[^ -~]"
    begins = re.match(r"[ -~]*(?=[ -~])", name)  # the last may be part of what follows
    return rf"^\s*{_words(begins[0] if begins else '')}"


def _words(plain: str) -> str:
    return r"\s+".join(map(re.escape, plain.split())).replace("ss", "(ss|ß|ẞ)")


def _telephone(person: User) -> str:
    profile = getattr(person, "runner_profile", None)
    figures = "".join(one for one in (profile.mobile if profile else "") if one.isdecimal())
    return figures[-FIGURES:] if len(figures) >= FIGURES else ""


def _mailbox(person: User) -> str:
    return mailbox(person.email)


def _name(person: User) -> str:
    return " ".join(person.name.casefold().split())


def _pairs(clients: list[User], key_of: Callable[[User], str]) -> Iterable[tuple[User, User]]:
    alike: dict[str, list[User]] = defaultdict(list)
    for person in clients:
        if key := key_of(person):
            alike[key].append(person)
    for group in alike.values():
        if len(group) <= CROWD:
            yield from combinations(group, 2)


def _look_alike(one: str, other: str) -> bool:
    """The same before the @ at another provider, or a slip of the finger away."""
    (mine, _, _), (theirs, _, _) = (mailbox(each).rpartition("@") for each in (one, other))
    return mine == theirs or SequenceMatcher(None, mine, theirs).ratio() >= SIMILAR


_SURE = ((_mailbox, "Same mailbox, written differently"), (_telephone, "Same mobile"))

"""What we hold about people, as data: each app declares its tables.

A declaration names every field of a table and what it is; from that follow what an export shows,
what an erasure does, and how long rows stay. A test compares it with the models, so a field that
nobody classified stops the build. The declarations are in each app's ``personal.py``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.apps import apps
from django.db.models import AutoField, F, Field, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import IContains

from accounts.models import User


class Kind(StrEnum):
    """What a field says of somebody."""

    IDENTITY = "identity"  # who she is: names, ids at other services
    CONTACT = "contact"  # how she is reached, and from where she came
    HEALTH = "health"
    WORDS = "words"  # written freely, by her or about her
    ACTIVITY = "activity"  # what she did and when
    MONEY = "money"  # kept by law with the books
    STAFF = "staff"  # who of the practice did it
    TECHNICAL = "technical"  # secrets, counters, copies
    NONE = "none"  # of the practice, about nobody


EXPORTED: Final = frozenset(
    {Kind.IDENTITY, Kind.CONTACT, Kind.HEALTH, Kind.WORDS, Kind.ACTIVITY, Kind.MONEY}
)
# What must not survive an erasure in a row that stays.
PERSONAL: Final = frozenset({Kind.IDENTITY, Kind.CONTACT, Kind.HEALTH, Kind.WORDS})


class Fate(StrEnum):
    """What becomes of somebody's rows when she is erased."""

    DELETE = "deleted"
    EMPTY = "kept without what says who it was"
    KEEP = "kept as it is"
    NOBODYS = "not about a runner"


# Where an address starts and ends in a text. A dot or a dash belongs to it only beside a letter or
# a figure; text that is written as code has its line ends as letters, and bytes in it a b.
_STARTS: Final = r"(?:(?<![\w+])(?<!\w[.-])(?<![^\Wb]')|(?<=\\[nrt])|(?<=\\u[0-9a-f]{4}))"
_ENDS: Final = r"(?!\w|-+\w|\.\w)"


Finder = Callable[[User], Q]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with something personal in it. ``of`` finds somebody's rows: lookups that lead to
    the person, or a function; empty for rows that are only about the practice's own work."""

    label: str
    of: str | Finder
    kinds: Mapping[str, Kind]
    fate: Fate
    emptied: Mapping[str, Any] = field(default_factory=dict)  # a value, or a function of the person
    by_act: frozenset[str] = frozenset()  # emptied by an act of the app, not by a plain update
    kept: Mapping[str, str] = field(default_factory=dict)  # personal, and stays: why
    rule: str = "account"  # of the retention schedule
    decoded: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    @property
    def exported(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind in EXPORTED]

    @property
    def is_about_health(self) -> bool:
        return Kind.HEALTH in self.kinds.values()

    def rows(self, *accounts: User) -> QuerySet[Any]:
        """Somebody's rows, the oldest first, of however many accounts she had."""
        manager, found = self.model._base_manager, Q()
        for person in accounts:
            found |= self.of(person) if callable(self.of) else _any_of(self.of, person)
        return manager.filter(found).order_by("pk") if found else manager.none()


@dataclass(frozen=True, slots=True)
class Impersonal:
    """Tables without anything personal, and why nobody need look at their fields."""

    why: str
    labels: frozenset[str]


_tables: dict[str, Table] = {}
_impersonal: list[Impersonal] = []


def holds(
    label: str,
    *,
    of: str | Finder = "",
    fate: Fate = Fate.NOBODYS,
    emptied: Mapping[str, Any] | None = None,
    by_act: str = "",
    kept: Mapping[str, str] | None = None,
    rule: str = "account",
    decoded: Mapping[str, Callable[[Any], Any]] | None = None,
    **fields: str,
) -> None:
    """Declare a table: a kind of field is a keyword, its value the names of such fields.

    ``holds("accounts.Message", of="user", fate=Fate.EMPTY, contact="to_email", ...)``
    """
    kinds = {name: Kind(kind) for kind, names in fields.items() for name in names.split()}
    if len(kinds) != sum(len(names.split()) for names in fields.values()):
        raise ValueError(f"{label}: a field is declared twice.")
    _tables[label] = Table(
        label=label,
        of=of,
        kinds=kinds,
        fate=fate,
        emptied=emptied or {},
        by_act=frozenset(by_act.split()),
        kept=kept or {},
        rule=rule,
        decoded=decoded or {},
    )


def nothing_personal(why: str, labels: str) -> None:
    """Declare whole tables as about nobody. None of them may point at a person."""
    _impersonal.append(Impersonal(why, frozenset(labels.split())))


def says(label: str, column: str, words: Iterable[str]) -> Q:
    """Rows whose JSON or text names one of `words`: for tables that have no other way to them.

    The database narrows them down, and `naming` tells `ana@…` from `joana@…`.
    """
    words, near = set(words), Q(pk__in=[])
    for word in words:
        near |= Q(IContains(Cast(F(column), TextField()), word))
    named = naming(words)
    rows = apps.get_model(label)._base_manager.filter(near).order_by()
    return Q(pk__in=[pk for pk, said in rows.values_list("pk", column).iterator() if named(said)])


def naming(words: Iterable[str]) -> Callable[[Any], bool]:
    """Whether something, however deep, names one of `words`: whole, in whatever case.

    `ana@example.org` is not in `joana@example.org`, `jo-ana@example.org` or
    `ana@example.org.uk`, and is in "Mine is ana@example.org." and in a quoted line.
    """
    whole = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word)
    found = re.compile(f"{_STARTS}(?:{whole}){_ENDS}", re.IGNORECASE).search if whole else None

    def named(said: Any) -> bool:
        if isinstance(said, dict):
            return any(named(each) for pair in said.items() for each in pair)
        if isinstance(said, list):
            return any(named(each) for each in said)
        return isinstance(said, str) and found is not None and found(said) is not None

    return named


def tables() -> list[Table]:
    """In the order in which an erasure goes through them: an app's own order, upper apps first."""
    return [table for table in _tables.values() if _exists(table.label)]


def of_people() -> Iterator[Table]:
    """Those that hold rows about a runner."""
    return (table for table in tables() if table.of)


def table(label: str) -> Table:
    return _tables[label]


def unclassified(models: Iterable[type[Model]]) -> list[str]:
    """What nobody declared, and what was declared and is not there (any more)."""
    about_nobody = {label for group in _impersonal for label in group.labels}
    wrong = []
    for model in models:
        label = model._meta.label
        if label in about_nobody:
            wrong += [f"{label}.{name}: points at a person" for name in _people(model)]
            continue
        there = set(_fields(model))
        said = set(_tables[label].kinds) if label in _tables else set()
        wrong += [f"{label}.{name}: not classified" for name in sorted(there - said)]
        wrong += [f"{label}.{name}: no such field" for name in sorted(said - there)]
    return wrong


def unprotected() -> list[str]:
    """Personal fields that would outlive an erasure without a reason."""
    return [
        f"{each.label}.{name}"
        for each in of_people()
        if each.fate in (Fate.EMPTY, Fate.KEEP)
        for name, kind in each.kinds.items()
        if kind in PERSONAL
        and name not in each.emptied
        and name not in each.by_act
        and name not in each.kept
    ]


def _any_of(lookups: str, person: User) -> Q:
    found = Q()
    for lookup in lookups.split():
        found |= Q(**{lookup: person})
    return found


def _exists(label: str) -> bool:
    """SQLite's and PostgreSQL's search have tables of their own."""
    try:
        apps.get_model(label)
    except LookupError:
        return False
    return True


def _fields(model: type[Model]) -> list[str]:
    """Own columns apart from bare numbers of rows and links to a parent's row."""
    return [each.name for each in model._meta.local_fields if not _is_number(each)]


def _is_number(each: Field[Any, Any]) -> bool:
    parent = each.remote_field and getattr(each.remote_field, "parent_link", False)
    return bool(parent) or (each.primary_key and isinstance(each, AutoField))


def _people(model: type[Model]) -> list[str]:
    return [each.name for each in model._meta.local_fields if each.related_model is User]

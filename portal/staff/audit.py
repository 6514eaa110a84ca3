"""The audit trail as staff read it: who did what to what, what it was before and is after."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q

from accounts.audit_trail import AuditEntryQuerySet
from accounts.models import AuditEntry, User
from payments.days import practice_zone, start_of
from portal.staff.links import address_of
from portal.staff.tables import NOTHING, Cell, Column, Table, moment, several, words

MOST_PEOPLE: Final = 50  # of one name that is looked for
COLUMNS: Final = (
    Column("When"),
    Column("Who"),
    Column("Did"),
    Column("Of"),
    Column("Whose"),
    Column("What changed"),
    Column("Why"),
)
# The kinds of acts, by how their names begin.
AREAS: Final = (
    ("money.", "Money"),
    ("journal.", "Journal"),
    ("credits.", "Credits"),
    ("adjustment.", "Large adjustments"),
    ("schedule.", "Schedule"),
    ("catalogue.", "Catalogue"),
    ("rules.", "Rules"),
    ("permissions.", "Permissions"),
    ("second_factor.", "Second factor"),
    ("sign_in.", "Sign-in"),
    ("token.", "API tokens"),
    ("export.", "Exports"),
    ("consent.", "Consent"),
    ("health.", "Health answers"),
    ("intake.", "Intake forms"),
    ("clients.", "Clients"),
    ("erasure.", "Deletions"),
)
PORTAL: Final = "The portal"
ARROW: Final = "\N{RIGHTWARDS ARROW}"


@dataclass(frozen=True, slots=True)
class AuditAsked:
    """What is looked for; empty words look for everything."""

    person: str = ""
    action: str = ""
    about: str = ""
    key: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def query(self) -> str:
        """The same in an address."""
        said = {
            "person": self.person,
            "action": self.action,
            "about": self.about,
            "key": self.key,
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
        }
        return urlencode({name: value for name, value in said.items() if value})


def audit_asked(given: Mapping[str, Any]) -> AuditAsked:
    """From an address; a day that is none is no day."""
    return AuditAsked(
        person=str(given.get("person", "")).strip()[:120],
        action=str(given.get("action", "")).strip()[:60],
        about=str(given.get("about", "")).strip()[:40],
        key=str(given.get("key", "")).strip()[:120],
        first=_day(str(given.get("from", ""))),
        last=_day(str(given.get("to", ""))),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def entries_found(asked: AuditAsked) -> AuditEntryQuerySet:
    """The latest first. Days are the practice's, both included."""
    found = AuditEntry.objects.order_by("-at", "-pk")
    if asked.person:
        ids = _people(asked.person)
        found = found.filter(
            Q(by__in=ids) | Q(runner__in=ids) | Q(about="user", key__in=[str(one) for one in ids])
        )
    if asked.action:
        found = found.filter(action__startswith=asked.action)
    if asked.about:
        found = found.filter(about=asked.about)
    if asked.key:
        found = found.filter(key=asked.key)
    if asked.first:
        found = found.filter(at__gte=start_of(asked.first))
    if asked.last and asked.last < date.max:
        found = found.filter(at__lt=start_of(asked.last + timedelta(days=1)))
    return found


def _people(query: str) -> list[uuid.UUID]:
    """Whose name or address contains the words, or who has that public id, erased or not."""
    try:
        return [uuid.UUID(query)]
    except ValueError:
        like = Q(name__icontains=query) | Q(email__icontains=query)
        return list(User.objects.filter(like).values_list("public_id", flat=True)[:MOST_PEOPLE])


def audit_table(entries: Sequence[AuditEntry]) -> Table:
    """A row an entry; one query for the names of everybody in them."""
    ids = {one for entry in entries for one in (entry.by, entry.runner) if one is not None}
    people = {person.public_id: person for person in User.objects.filter(public_id__in=ids)}
    rows = [
        (
            moment(entry.at, practice_zone()),
            words(PORTAL) if entry.by is None else _person(entry.by, people),
            words(deed(entry.action)),
            words(f"{entry.about} {_short(entry.key)}", _page_of(entry)),
            words("") if entry.runner is None else _person(entry.runner, people),
            several([words(one) for one in differences(entry.before, entry.after)]),
            words(entry.why),
        )
        for entry in entries
    ]
    return Table("Acts, the latest first", COLUMNS, rows, empty="Nothing found.")


def _person(public_id: uuid.UUID, people: Mapping[uuid.UUID, User]) -> Cell:
    """Who is erased is still somebody, without a name."""
    found = people.get(public_id)
    return words(found or _short(str(public_id)), address_of("runner", public_id) if found else "")


def _short(key: str) -> str:
    """The first part of a long id is enough to tell rows apart by eye."""
    try:
        return str(uuid.UUID(key))[:8]
    except ValueError:
        return key


def _page_of(entry: AuditEntry) -> str:
    return address_of("runner" if entry.about == "user" else entry.about, entry.key)


def deed(action: str) -> str:
    """`credits.goodwill` as words."""
    area, _, done = action.partition(".")
    return f"{area.replace('_', ' ').capitalize()}: {done.replace('_', ' ')}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What it was and is, a line each; what a new thing leaves empty says nothing."""
    names = [*before, *(name for name in after if name not in before and _says(after[name]))]
    return [_line(name, before, after) for name in names]


def _says(value: Any) -> bool:
    return value not in (None, "", [], {})


def _line(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    label = name.removesuffix("_id").replace("_", " ")
    if name not in before or before[name] == after.get(name):
        return f"{label}: {_plain(after.get(name))}"
    if name not in after:
        return f"{label}: was {_plain(before[name])}"
    return f"{label}: {_plain(before[name])} {ARROW} {_plain(after[name])}"


def _plain(value: Any) -> str:
    match value:
        case _ if not _says(value):
            return NOTHING
        case True | False:
            return "yes" if value else "no"
        case list():
            return ", ".join(_plain(one) for one in value)
        case dict():
            return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
        case _:
            return str(value)

"""Everything we hold about one person, by the inventory (R10): the same rows as JSON and as tables.

What is exported is what `accounts.classifying` says, so nothing declared can be left out. Fast
enough for the request that asks: a query or two a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Field, Model

from accounts import auditing
from accounts.classifying import Table, of_people
from accounts.health_data import note_look
from accounts.merging import accounts_of
from accounts.models import User


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table; ``name`` is for files, ``title`` for people."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def as_dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@transaction.atomic
def export_of(person: User, *, by: User, at: datetime, reads_health: bool = False) -> list[Rows]:
    """All rows about the person, table by table; empty ones are left out. Noted in the trail.

    Tables about her health are for herself, and for staff of whom the caller says that they may
    read about it (scheduling/treating.py): that is then a look like any other (R17).
    """
    tables = [
        table
        for table in of_people()
        if table.exported and (by == person or reads_health or not table.is_about_health)
    ]
    accounts = accounts_of(person)
    found = [rows for rows in (_rows(table, accounts) for table in tables) if rows.rows]
    if by != person and reads_health:
        _note_look(person, found, by=by, at=at)
    auditing.record(
        "export.person",
        by=by,
        at=at,
        about="user",
        key=str(person.public_id),
        runner=person,
        after={"tables": len(found), "rows": sum(len(rows.rows) for rows in found)},
    )
    return found


def _note_look(person: User, found: Sequence[Rows], *, by: User, at: datetime) -> None:
    about_health = {_name(table): 0 for table in of_people() if table.is_about_health}
    looked_at = about_health | {r.name: len(r.rows) for r in found if r.name in about_health}
    if any(looked_at.values()):
        note_look(person, looked_at, by=by, at=at, why="export")


def as_data(
    person: User, found: Sequence[Rows], *, at: datetime, left_out: Sequence[str] = ()
) -> dict[str, Any]:
    """The export as one object, ready for JSON."""
    return {
        "person": str(person.public_id),
        "made_at": at.isoformat(),
        "left_out": list(left_out),
        "tables": {rows.name: rows.as_dicts() for rows in found},
    }


def _name(table: Table) -> str:
    return table.label.lower().replace(".", "_")


def _rows(table: Table, accounts: Sequence[User]) -> Rows:
    names = table.exported
    fields = [table.model._meta.get_field(name) for name in names]
    links = [field.name for field in fields if field.is_relation]
    found = table.rows(*accounts)
    if links:
        found = found.select_related(*links)
    return Rows(
        name=_name(table),
        title=str(table.model._meta.verbose_name_plural).capitalize(),
        columns=names,
        rows=[[_value(table, one, field) for field in fields] for one in found],
    )


def _value(table: Table, one: Model, field: Field[Any, Any] | Any) -> Any:
    """As a person reads it: what is chosen from a list in words, what is linked by its name."""
    if field.name in table.decoded:
        return table.decoded[field.name](one)
    value = getattr(one, field.name)
    if value is None:
        return None
    if field.is_relation:
        return named(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (bool, int, dict, list)):
        return value
    return str(value)


def named(linked: Model) -> str:
    """What a linked row is called, without asking the database for more of it."""
    known = (
        getattr(linked, name, None) for name in ("name", "title", "number", "code", "public_id")
    )
    return str(next((each for each in known if each), linked.pk))

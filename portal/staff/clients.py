"""One client's page beyond sessions and money: notes, flags, doubles, merges."""

from dataclasses import dataclass
from datetime import datetime

from accounts.client_notes import ClientNote
from accounts.duplicates import Duplicate, duplicates, duplicates_of
from accounts.merges import Merge
from accounts.merging import merges_of
from accounts.models import User
from accounts.noting import can_be_edited, can_be_withdrawn, notes_seen_by
from portal.staff.asking import address
from portal.staff.client_forms import NoteForm
from portal.staff.tables import Column, Table, words


@dataclass(frozen=True, slots=True)
class NoteShown:
    """A note, with what this reader may do to it now."""

    note: ClientNote
    form: NoteForm | None
    may_withdraw: bool
    earlier: tuple[tuple[str, datetime], ...]  # what it said until when, for managers


@dataclass(frozen=True, slots=True)
class MergeShown:
    merge: Merge
    other: User
    was_kept: bool
    can_be_undone: bool


def notes_shown(
    client: User, *, reader: User, at: datetime, reads_history: bool
) -> tuple[NoteShown, ...]:
    """Notes about a client that this reader may see, the latest first; two queries."""
    notes = notes_seen_by(reader).filter(client=client)
    notes = notes.select_related("author", "withdrawn_by").prefetch_related("versions")
    return tuple(_note(one, reader, at, reads_history) for one in notes)


def _note(note: ClientNote, reader: User, at: datetime, reads_history: bool) -> NoteShown:
    editable = can_be_edited(note, by=reader, at=at)
    initial = {"text": note.text, "audience": note.audience}
    versions = note.versions.all() if reads_history else ()
    return NoteShown(
        note=note,
        form=NoteForm(initial=initial, auto_id=f"note-{note.pk}-%s") if editable else None,
        may_withdraw=can_be_withdrawn(note, by=reader, at=at),
        earlier=tuple((one.text, one.until) for one in versions),
    )


def merges_shown(client: User, *, at: datetime) -> tuple[MergeShown, ...]:
    return tuple(
        MergeShown(
            merge=one,
            other=one.absorbed if one.kept_id == client.pk else one.kept,
            was_kept=one.kept_id == client.pk,
            can_be_undone=one.can_be_undone(at),
        )
        for one in merges_of(client)
    )


def doubles_of(client: User) -> list[tuple[Duplicate, str]]:
    """Accounts that may be hers, each with the address of the page that merges it."""
    return [
        (pair, address("client_merge", client.public_id, other=pair.other.public_id))
        for pair in duplicates_of(client)
    ]


def duplicates_table() -> Table:
    """Every pair in the practice that may be one person."""
    columns = (Column("Client"), Column("May be"), Column("Because"), Column("Look"))
    rows = [
        (
            words(f"{pair.one}, {pair.one.email}", address("runner", pair.one.public_id)),
            words(f"{pair.other}, {pair.other.email}", address("runner", pair.other.public_id)),
            words(pair.why),
            words(
                "Compare and merge",
                address("client_merge", pair.one.public_id, other=pair.other.public_id),
            ),
        )
        for pair in duplicates()
    ]
    return Table("May be one person", columns, rows, empty="No two accounts look like one person.")

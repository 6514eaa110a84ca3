"""Notes about a client: who may write one, who may read it, and for how long it can be edited."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import auditing
from accounts.client_notes import ClientNote, ClientNoteVersion
from accounts.models import User
from accounts.roles import MANAGE_CLIENTS, READ_EVERY_NOTE, WORK_OWN_DAY, Visitor, may

EDITED_WITHIN = timedelta(hours=24)
LONGEST = 2000
Audience = ClientNote.Audience


class NoteError(Exception):
    """A note that cannot be written so; says why."""


def may_write(person: Visitor) -> bool:
    """Whether notes are this person's to write, of the clients she may see."""
    return may(person, MANAGE_CLIENTS) or may(person, WORK_OWN_DAY)


def notes_seen_by(person: User) -> "QuerySet[ClientNote]":
    """Notes meant for her role, and her own; a manager's reach is every note."""
    if may(person, READ_EVERY_NOTE):
        return ClientNote.objects.all()
    seen = Q(author=person)
    if may(person, MANAGE_CLIENTS):
        seen |= Q(audience__in=[Audience.TEAM, Audience.FRONT_DESK])
    if may(person, WORK_OWN_DAY):
        seen |= Q(audience__in=[Audience.TEAM, Audience.THERAPISTS])
    return ClientNote.objects.filter(seen, withdrawn_at=None)


def can_be_edited(note: ClientNote, *, by: User, at: datetime) -> bool:
    """By who wrote it, for a day: afterwards others have acted on it."""
    is_open = note.withdrawn_at is None and at < note.written_at + EDITED_WITHIN
    return is_open and note.author_id == by.pk


def can_be_withdrawn(note: ClientNote, *, by: User, at: datetime) -> bool:
    """By who wrote it for a day, by a manager at any time."""
    if note.withdrawn_at is not None:
        return False
    return can_be_edited(note, by=by, at=at) or may(by, READ_EVERY_NOTE)


@transaction.atomic
def write_note(*, client: User, text: str, audience: str, by: User, at: datetime) -> ClientNote:
    """Keep a note about a client.

    Raises:
        NoteError: it says nothing or too much, or is not hers to write.
    """
    if not may_write(by):
        raise NoteError("You may not write notes about clients.")
    note = ClientNote.objects.create(
        client=client, text=_checked(text), audience=Audience(audience), author=by, written_at=at
    )
    _record("clients.note_written", note, by, at, after={"audience": note.audience})
    return note


@transaction.atomic
def edit_note(*, note: ClientNote, text: str, audience: str, by: User, at: datetime) -> ClientNote:
    """Say it better. What it said before stays readable for managers.

    Raises:
        NoteError: somebody else's, too late, withdrawn, or it says nothing.
    """
    note = ClientNote.objects.select_for_update().get(pk=note.pk)
    if not can_be_edited(note, by=by, at=at):
        raise NoteError("A note is edited by who wrote it, for a day. Write another one instead.")
    text, audience = _checked(text), Audience(audience)
    if (text, audience) == (note.text, note.audience):
        return note
    ClientNoteVersion.objects.create(note=note, text=note.text, audience=note.audience, until=at)
    before = {"audience": note.audience}
    note.text, note.audience, note.edited_at = text, audience, at
    note.save(update_fields=["text", "audience", "edited_at"])
    _record("clients.note_edited", note, by, at, before=before, after={"audience": audience})
    return note


@transaction.atomic
def withdraw_note(*, note: ClientNote, by: User, at: datetime) -> ClientNote:
    """Take it off the page. Managers still see that it was there, and what it said.

    Raises:
        NoteError: neither its author in time nor a manager.
    """
    note = ClientNote.objects.select_for_update().get(pk=note.pk)
    if note.withdrawn_at is not None:
        return note
    if not can_be_withdrawn(note, by=by, at=at):
        raise NoteError("A note is withdrawn by who wrote it, for a day; later by a manager.")
    note.withdrawn_at, note.withdrawn_by = at, by
    note.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _record("clients.note_withdrawn", note, by, at)
    return note


def _record(
    action: str,
    note: ClientNote,
    by: User,
    at: datetime,
    *,
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
) -> None:
    """That there is a note and whom it is for; what it says is nobody's business in the trail."""
    auditing.record(
        action,
        by=by,
        at=at,
        about="note",
        key=str(note.public_id),
        runner=note.client,
        before=before,
        after=after,
    )


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise NoteError("Write something first.")
    if len(text) > LONGEST:
        raise NoteError(f"Say it in {LONGEST} letters.")
    return text

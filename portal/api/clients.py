"""Clients by API: find one, read what staff know, note, flag, merge. Everybody else gets 404."""

import uuid
from dataclasses import asdict
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, Field

from accounts import flagging, merging, noting
from accounts.api import caller, signed_in
from accounts.client_notes import ClientNote
from accounts.duplicates import Duplicate, duplicates
from accounts.merges import Merge
from accounts.models import User
from accounts.roles import MANAGE_CLIENTS, MERGE_CLIENTS, VIEW_CLIENTS, WORK_OWN_DAY, may
from portal.staff.runners import find_runners, mobile_of
from scheduling.seeing import client_seen_by, clients_seen_by, may_see_client

router = Router(tags=["staff"], auth=signed_in)


class ClientOut(Schema):
    id: uuid.UUID
    name: str
    email: str
    mobile: str


class NoteIn(Schema):
    """Nothing about health: that belongs in the health questions."""

    text: Annotated[str, Field(max_length=noting.LONGEST)]
    audience: ClientNote.Audience = ClientNote.Audience.TEAM


class NoteOut(Schema):
    """``audience`` says who may read it; one that was withdrawn is shown to managers only."""

    id: uuid.UUID
    text: str
    audience: str
    author: str
    written_at: AwareDatetime
    edited_at: AwareDatetime | None
    withdrawn_at: AwareDatetime | None


class FlagsIn(Schema):
    """All of them as they are to be. The client never reads why."""

    must_call: bool
    must_prepay: bool
    alert: Annotated[str, Field(max_length=200)] = ""


class FlagsOut(Schema):
    must_call: bool
    must_prepay: bool
    alert: str


class ClientDetailOut(ClientOut):
    """``flags`` and ``notes`` are for those who meet clients; to others they are empty."""

    flags: FlagsOut | None
    notes: list[NoteOut]


class DuplicateOut(Schema):
    one: ClientOut
    other: ClientOut
    why: str


class MergePreviewOut(Schema):
    """What would change hands, and what speaks against it: nothing where it can be done."""

    moving: dict[str, int]
    against: list[str]


class MergeIn(Schema):
    """``absorbed`` becomes a name for ``kept``."""

    kept: uuid.UUID
    absorbed: uuid.UUID
    why: Annotated[str, Field(max_length=200)]


class MergeOut(Schema):
    id: uuid.UUID
    kept: uuid.UUID
    absorbed: uuid.UUID
    why: str
    made_at: AwareDatetime
    undone_at: AwareDatetime | None
    can_be_undone_until: AwareDatetime


@router.get("/clients/", response=list[ClientOut], operation_id="find_clients")
def find_clients(request: HttpRequest, q: Annotated[str, Query(max_length=120)] = "") -> Any:
    """Clients by name, address, mobile or order number; without a search the latest to join."""
    _require(request, VIEW_CLIENTS, WORK_OWN_DAY)
    return [_client(one) for one in find_runners(q, among=clients_seen_by(caller(request)))]


@router.get("/clients/{client_id}/", response=ClientDetailOut, operation_id="read_client")
def read_client(request: HttpRequest, client_id: uuid.UUID) -> Any:
    """One client, also by an id that was merged into hers."""
    _require(request, VIEW_CLIENTS, WORK_OWN_DAY)
    client, me = _seen(request, client_id), caller(request)
    meets = noting.may_write(me)
    notes = noting.notes_seen_by(me).filter(client=client).select_related("author")
    return _client(client) | {
        "flags": asdict(flagging.flags_of(client)) if meets else None,
        "notes": [_note(one) for one in notes],
    }


@router.post("/clients/{client_id}/notes/", response={201: NoteOut}, operation_id="write_note")
def write_note(request: HttpRequest, client_id: uuid.UUID, wanted: NoteIn) -> Any:
    """Keep a note about a client, for those it is meant for."""
    _require(request, MANAGE_CLIENTS, WORK_OWN_DAY)
    client = _seen(request, client_id)
    written = noting.write_note(
        client=client,
        text=wanted.text,
        audience=wanted.audience,
        by=caller(request),
        at=timezone.now(),
    )
    return Status(201, _note(written))


@router.put("/notes/{note_id}/", response=NoteOut, operation_id="edit_note")
def edit_note(request: HttpRequest, note_id: uuid.UUID, wanted: NoteIn) -> Any:
    """Say one's own note better, within a day; what it said before is kept."""
    note = _noted(request, note_id)
    edited = noting.edit_note(
        note=note,
        text=wanted.text,
        audience=wanted.audience,
        by=caller(request),
        at=timezone.now(),
    )
    return _note(edited)


@router.delete("/notes/{note_id}/", response={204: None}, operation_id="withdraw_note")
def withdraw_note(request: HttpRequest, note_id: uuid.UUID) -> Any:
    """Take a note off the page. Managers still see what it said."""
    note = _noted(request, note_id)
    noting.withdraw_note(note=note, by=caller(request), at=timezone.now())
    return Status(204, None)


@router.put("/clients/{client_id}/flags/", response=FlagsOut, operation_id="flag_client")
def flag_client(request: HttpRequest, client_id: uuid.UUID, wanted: FlagsIn) -> Any:
    """Whether she books online, pays first, and what staff are told. It holds at once."""
    _require(request, MANAGE_CLIENTS)
    client = _seen(request, client_id)
    flagging.flag_client(
        client=client,
        must_call=wanted.must_call,
        must_prepay=wanted.must_prepay,
        alert=wanted.alert,
        by=caller(request),
        at=timezone.now(),
    )
    return asdict(flagging.flags_of(client))


@router.get("/duplicates/", response=list[DuplicateOut], operation_id="list_duplicates")
def list_duplicates(request: HttpRequest) -> Any:
    """Pairs of accounts that may be one person, each with what they have in common."""
    _require(request, MERGE_CLIENTS)
    return [_duplicate(pair) for pair in duplicates()]


@router.get("/merges/preview/", response=MergePreviewOut, operation_id="preview_merge")
def preview_merge(request: HttpRequest, kept: uuid.UUID, absorbed: uuid.UUID) -> Any:
    """What merging two accounts would move. Nothing is written."""
    _require(request, MERGE_CLIENTS)
    one, other = _seen(request, kept), _account(absorbed)
    moving = merging.what_moves(kept=one, absorbed=other)
    return {
        "moving": {row.label: row.count for row in moving},
        "against": merging.refusals(kept=one, absorbed=other, at=timezone.now()),
    }


@router.post("/merges/", response={201: MergeOut}, operation_id="merge_clients")
def merge_clients(request: HttpRequest, wanted: MergeIn) -> Any:
    """Make two accounts of one person one. It can be undone for seven days."""
    _require(request, MERGE_CLIENTS)
    merge = merging.merge_people(
        kept=_seen(request, wanted.kept),
        absorbed=_account(wanted.absorbed),
        why=wanted.why,
        by=caller(request),
        at=timezone.now(),
    )
    return Status(201, _merge(merge))


@router.post("/merges/{merge_id}/undoing/", response=MergeOut, operation_id="undo_merge")
def undo_merge(request: HttpRequest, merge_id: uuid.UUID) -> Any:
    """Give each of the two back what she had, within seven days."""
    _require(request, MERGE_CLIENTS)
    found = get_object_or_404(Merge.objects.select_related("kept", "absorbed"), public_id=merge_id)
    return _merge(merging.undo_merge(merge=found, by=caller(request), at=timezone.now()))


def _require(request: HttpRequest, *permissions: str) -> None:
    if not any(may(caller(request), one) for one in permissions):
        raise Http404


def _seen(request: HttpRequest, public_id: uuid.UUID) -> User:
    client = client_seen_by(caller(request), public_id)
    if client is None:
        raise Http404
    return client


def _account(public_id: uuid.UUID) -> User:
    """The very account: merging is about the two as they are."""
    found: User = get_object_or_404(User, public_id=public_id)
    return found


def _noted(request: HttpRequest, note_id: uuid.UUID) -> ClientNote:
    _require(request, MANAGE_CLIENTS, WORK_OWN_DAY)
    me = caller(request)
    notes = noting.notes_seen_by(me).select_related("client", "author")
    note = get_object_or_404(notes, public_id=note_id)
    if not may_see_client(me, note.client):
        raise Http404
    return note


def _client(person: User) -> dict[str, Any]:
    return {
        "id": person.public_id,
        "name": person.name,
        "email": person.email,
        "mobile": mobile_of(person),
    }


def _note(note: ClientNote) -> dict[str, Any]:
    return {
        "id": note.public_id,
        "text": note.text,
        "audience": note.audience,
        "author": str(note.author),
        "written_at": note.written_at,
        "edited_at": note.edited_at,
        "withdrawn_at": note.withdrawn_at,
    }


def _duplicate(pair: Duplicate) -> dict[str, Any]:
    return {"one": _client(pair.one), "other": _client(pair.other), "why": pair.why}


def _merge(merge: Merge) -> dict[str, Any]:
    return {
        "id": merge.public_id,
        "kept": merge.kept.public_id,
        "absorbed": merge.absorbed.public_id,
        "why": merge.why,
        "made_at": merge.made_at,
        "undone_at": merge.undone_at,
        "can_be_undone_until": merge.undone_until,
    }

"""What staff write about a client, and two accounts that are one person."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.client_notes import ClientNote
from accounts.flagging import flag_client
from accounts.merges import Merge
from accounts.merging import (
    MergeError,
    merge_people,
    refusals,
    undo_merge,
    what_moves,
)
from accounts.models import User
from accounts.noting import NoteError, edit_note, notes_seen_by, withdraw_note, write_note
from accounts.roles import MANAGE_CLIENTS, MERGE_CLIENTS, WORK_OWN_DAY
from portal.staff import clients as reading
from portal.staff.access import show, signed_in, staff_page
from portal.staff.client_forms import FlagsForm, MergeForm, NoteForm
from portal.staff.views.people import client_asked, runner_shown
from scheduling.seeing import may_see_client


@require_POST
@staff_page(MANAGE_CLIENTS, WORK_OWN_DAY)
def notes(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep a note about a client."""
    client = client_asked(request, public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return runner_shown(request, client, status=422, note_form=form)
    write_note(client=client, by=signed_in(request), at=timezone.now(), **form.cleaned_data)
    messages.success(request, "Noted.")
    return redirect("staff:runner", client.public_id)


@require_POST
@staff_page(MANAGE_CLIENTS, WORK_OWN_DAY)
def note(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say one's own note better, within a day."""
    found = _note(request, public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write something first, or withdraw the note.")
        return redirect("staff:runner", found.client.public_id)
    try:
        edit_note(note=found, by=signed_in(request), at=timezone.now(), **form.cleaned_data)
    except NoteError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Changed. What it said before is kept.")
    return redirect("staff:runner", found.client.public_id)


@require_POST
@staff_page(MANAGE_CLIENTS, WORK_OWN_DAY)
def note_withdrawal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _note(request, public_id)
    try:
        withdraw_note(note=found, by=signed_in(request), at=timezone.now())
    except NoteError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Withdrawn. Managers still see what it said.")
    return redirect("staff:runner", found.client.public_id)


@require_POST
@staff_page(MANAGE_CLIENTS)
def flags(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Whether she books online, pays first, and what staff are told (R8)."""
    client = client_asked(request, public_id)
    form = FlagsForm(request.POST)
    if not form.is_valid():
        return runner_shown(request, client, status=422, flags=form)
    flag_client(client=client, by=signed_in(request), at=timezone.now(), **form.cleaned_data)
    messages.success(request, "Saved. It holds at once, here and by API.")
    return redirect("staff:runner", client.public_id)


@require_safe
@staff_page(MERGE_CLIENTS)
def duplicates(request: HttpRequest) -> HttpResponse:
    """Accounts that look like one person."""
    return show(request, "duplicates.html", {"table": reading.duplicates_table()})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(MERGE_CLIENTS)
def merge(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What would change hands from the account `other`; the POST does it."""
    kept = client_asked(request, public_id)
    other = (request.POST if request.method == "POST" else request.GET).get("other", "")
    absorbed = _other(other)
    if absorbed is None:
        messages.error(request, "Choose the other account of this person from the search.")
        return redirect("staff:runner", kept.public_id)
    now = timezone.now()
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            merge_people(
                kept=kept, absorbed=absorbed, by=signed_in(request), at=now, **form.cleaned_data
            )
        except MergeError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "They are one. You can undo it for seven days.")
            return redirect("staff:runner", kept.public_id)
    context: dict[str, Any] = {
        "kept": kept,
        "absorbed": absorbed,
        "moving": what_moves(kept=kept, absorbed=absorbed),
        "against": refusals(kept=kept, absorbed=absorbed, at=now),
        "form": form,
    }
    return show(request, "merge.html", context, status=422 if form.errors else 200)


@require_POST
@staff_page(MERGE_CLIENTS)
def merge_undoing(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One click, for seven days: each has what she had."""
    found = get_object_or_404(Merge.objects.select_related("kept"), public_id=public_id)
    try:
        undo_merge(merge=found, by=signed_in(request), at=timezone.now())
    except MergeError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Undone. Each has what they had.")
    return redirect("staff:runner", found.kept.public_id)


def _note(request: HttpRequest, public_id: UUID) -> ClientNote:
    """A note this person may read; another is not there."""
    seen = notes_seen_by(signed_in(request)).select_related("client")
    found = get_object_or_404(seen, public_id=public_id)
    if not may_see_client(request.user, found.client):
        raise Http404
    return found


def _other(public_id: str) -> User | None:
    try:
        found: User | None = User.objects.filter(public_id=UUID(public_id)).first()
    except ValueError:
        return None
    return found

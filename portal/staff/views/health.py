"""A client's answers and the notes about their sessions, for therapists of theirs (G3)."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.health_reading import open_file
from accounts.isolating import isolated
from accounts.roles import LET_BOOK_AGAIN, READ_HEALTH
from accounts.talking import is_asked_to_talk, let_book_again
from accounts.treatment_noting import NoteRefused, write_note
from portal.staff.access import show, signed_in, staff_page
from portal.staff.health import (
    SessionNoteForm,
    client_asked,
    may_let_book_again,
    require_reader,
    session_asked,
)
from scheduling.models import Booking


@require_safe
@staff_page(READ_HEALTH)
@sensitive_variables()
def health(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything about one client's health; that it was opened is written down."""
    at = timezone.now()
    client = require_reader(request.user, client_asked(public_id), at=at)
    file = open_file(person=client, by=signed_in(request), at=at)
    sessions = Booking.objects.of(client).filter(public_id__in={one.session for one in file.notes})
    starts = {one.public_id: one for one in sessions}
    context = {
        "client": client,
        "latest": file.answers[0] if file.answers else None,
        "earlier": file.answers[1:],
        "notes": [(one, starts.get(one.session)) for one in file.notes],
        "must_talk": is_asked_to_talk(client),
        "may_release": may_let_book_again(request.user, client, at=at),
    }
    return show(request, "health.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(READ_HEALTH)
@sensitive_post_parameters()
@sensitive_variables()
def session_note(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A note about one session. What was noted before stands on the client's own page."""
    at = timezone.now()
    booking = session_asked(request.user, public_id)
    client = require_reader(request.user, booking.runner, at=at)
    form = SessionNoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        words, by = form.cleaned_data["words"], signed_in(request)
        try:
            write_note(person=client, session=booking.public_id, words=words, by=by, at=at)
        except NoteRefused as refusal:
            form.add_error("words", str(refusal))
        else:
            messages.success(request, "The note is kept.")
            return redirect("staff:health", client.public_id)
    context = {"booking": booking, "client": client, "form": form}
    return show(request, "session_note.html", context, status=422 if form.errors else 200)


@require_POST
@staff_page(LET_BOOK_AGAIN)
def talk(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody talked to them: they book online again."""
    at = timezone.now()
    client = client_asked(public_id)
    if not may_let_book_again(request.user, client, at=at):
        raise Http404
    name = isolated(client)
    if let_book_again(person=client, by=signed_in(request), at=at):
        messages.success(request, f"{name} books online again.")
    else:
        messages.info(request, f"Nobody asked {name} to call, or a colleague was quicker.")
    return redirect("staff:runner", client.public_id)

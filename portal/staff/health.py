"""What staff may do about a client's health beyond reading it."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.merging import find_person
from accounts.models import User
from accounts.roles import LET_BOOK_AGAIN, READ_HEALTH, Visitor, may
from accounts.treatment_noting import LONGEST
from scheduling.models import Booking
from scheduling.seeing import sessions_seen_by
from scheduling.treating import may_read_health


class SessionNoteForm(forms.Form):
    """What a therapist found and did."""

    words = forms.CharField(
        label="What you found and did",
        max_length=LONGEST,
        widget=forms.Textarea,
        help_text="It is not changed afterwards; write another if something was wrong.",
        error_messages={"required": "Write the note first."},
    )


def client_asked(public_id: UUID) -> User:
    """The client, also by an id that was merged into theirs."""
    found = find_person(public_id)
    if found is None:
        raise Http404
    return found


def session_asked(user: Visitor, public_id: UUID) -> Booking:
    """A session this person may see: a note about a colleague's is the colleague's to write."""
    own = sessions_seen_by(user).with_everything()
    found: Booking = get_object_or_404(own, public_id=public_id)
    return found


def require_reader(user: Visitor, client: User | None, *, at: datetime) -> User:
    """The client, for who may read about them; to everybody else there is nothing here."""
    if client is None or not may_read_health(user, client, at=at):
        raise Http404
    return client


def may_let_book_again(user: Visitor, client: User, *, at: datetime) -> bool:
    """A therapist for her own clients, a manager for everybody."""
    if not may(user, LET_BOOK_AGAIN):
        return False
    return not may(user, READ_HEALTH) or may_read_health(user, client, at=at)

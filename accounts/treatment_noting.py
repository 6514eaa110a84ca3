"""A therapist's note about a session: words about health, kept as the answers are."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import auditing, consenting
from accounts.consents import Purpose
from accounts.health import TreatmentNote
from accounts.health_data import kept_until
from accounts.models import User

LONGEST = 4000


class NoteRefused(Exception):
    """The note cannot be kept, and nothing was stored."""


class NoConsent(NoteRefused):
    """She has not agreed to words about her health being kept."""

    def __init__(self) -> None:
        super().__init__(
            _("They have not agreed to us keeping words about their health. Ask them first.")
        )


@sensitive_variables()
@transaction.atomic
def write_note(*, person: User, session: UUID, words: str, by: User, at: datetime) -> TreatmentNote:
    """Keep `words` about a session of `person`; `session` is the booking's public id.

    Raises:
        NoConsent: nothing is stored.
    """
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not consenting.has_given(person, Purpose.HEALTH):
        raise NoConsent
    note = TreatmentNote.objects.create(
        person=person,
        session=session,
        words=words,
        written_by=by.public_id,
        written_at=at,
        delete_on=kept_until(at.date()),
    )
    auditing.record(
        "health.noted",
        by=by,
        at=at,
        about="booking",
        key=str(session),
        runner=person,
        after={"note": str(note.public_id)},
    )
    return note

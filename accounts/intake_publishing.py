"""Versions of the questions: drafts of what is in force, and putting a draft in force."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts import auditing
from accounts.intake_forms import IntakeForm, IntakeQuestion
from accounts.models import User


class FormRefused(Exception):
    """The form cannot be published as it is."""


@transaction.atomic
def draft_from(form: IntakeForm) -> IntakeForm:
    """A draft with the words and questions of `form`, to be changed and published."""
    draft = IntakeForm.objects.create(
        title=form.title, introduction=form.introduction, consent_text=form.consent_text
    )
    for question in form.all_questions:
        question.pk = None
        question._state.adding = True
        question.form = draft
    IntakeQuestion.objects.bulk_create(form.all_questions)
    return IntakeForm.objects.get(pk=draft.pk)


@transaction.atomic
def publish(*, form: IntakeForm, by: User, at: datetime) -> IntakeForm:
    """Put a draft in force. From now on it never changes, and new answers are to it.

    Whoever answered an earlier version is asked again when their year is over, not now.

    Raises:
        FormRefused: it is in force already, or it asks nothing.
    """
    versions = IntakeForm.objects.select_for_update().order_by("pk")
    draft = next((one for one in versions if one.pk == form.pk), None)
    if draft is None or draft.is_published:
        raise FormRefused(_("This version is in force already."))
    if not draft.all_questions:
        raise FormRefused(_("Write at least one question first."))
    last = IntakeForm.objects.aggregate(last=Max("version"))["last"] or 0
    draft.version, draft.published_at = last + 1, at
    draft.save(update_fields=["version", "published_at"])
    auditing.record(
        "intake.published",
        by=by,
        at=at,
        about="intake form",
        key=str(draft.version),
        after={"questions": len(draft.all_questions)},
    )
    return draft

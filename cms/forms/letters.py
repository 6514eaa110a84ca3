"""The two mails of a form: to the practice, and to who sent it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts import outbox
from accounts.models import Message
from accounts.outbox import Letter, Silence
from cms.forms.models import Enquiry
from cms.forms.sending import ACKNOWLEDGED, RECEIVED

GONE = Silence("It was deleted before the mail went.")


def register() -> None:
    """Tell the outbox who writes what; called when the app is ready."""
    outbox.writer(RECEIVED)(_received)
    outbox.writer(ACKNOWLEDGED)(_acknowledged)


def _received(message: Message, *, at: datetime) -> Letter | Silence:
    enquiry = _enquiry(message)
    if enquiry is None:
        return GONE
    path = reverse("wagtailforms:list_submissions", args=[enquiry.page_id])
    return Letter(
        subject=f"{enquiry.page.title}: a new message",
        template="enquiry_received",
        context={
            "title": enquiry.page.title,
            "answers": [(label, said) for label, said in enquiry.answers() if said],
            "list_url": settings.SITE_URL + path,
            "forget_at": enquiry.forget_at,
        },
    )


def _acknowledged(message: Message, *, at: datetime) -> Letter | Silence:
    """Repeats nothing of what was sent: the address may belong to somebody else."""
    enquiry = _enquiry(message)
    if enquiry is None:
        return GONE
    return Letter(
        subject=f"We have your message: {enquiry.page.title}",
        template="enquiry_acknowledged",
        context={"thanks_text": enquiry.page.thanks_text, "days": enquiry.page.keep_days},
    )


def _enquiry(message: Message) -> Enquiry | None:
    found: Enquiry | None = (
        Enquiry.objects.select_related("page").filter(public_id=message.about).first()
    )
    return found

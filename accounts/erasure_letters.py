"""The mails of an erasure: that it was asked for, and that it is done."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.erasures import ErasureRequest
from accounts.mailing import compose
from accounts.models import Message, User
from accounts.outbox import Letter, Silence

ASKED = "erasure_asked"


def register() -> None:
    outbox.writer(ASKED)(asked_letter)


def tell_asked(request: ErasureRequest, *, at: datetime) -> Message:
    """Owe her the mail that says what comes and how to take it back."""
    return outbox.enqueue(
        kind=ASKED,
        about=str(request.public_id),
        to=request.person.email,
        user=request.person,
        dedupe_key=f"{ASKED}:{request.public_id}:{request.asked_by or 'nobody'}",
        at=at,
    )


def asked_letter(message: Message, *, at: datetime) -> Letter | Silence:
    request = ErasureRequest.objects.select_related("person").get(public_id=message.about)
    if not request.is_open:
        return Silence("The wish was taken back, or it is done.")
    return Letter(
        subject=_("Your account will be deleted"),
        template="erasure_asked",
        context={
            "was_asked": request.asked_by is not None,
            "due_at": request.due_at,
            "waits_for": [each["what"] for each in request.waits_for],
            "privacy_url": f"{settings.SITE_URL}{reverse('portal_account:privacy')}",
            "zone": settings.TIME_ZONE,
        },
    )


def farewell(person: User) -> EmailMultiAlternatives:
    """The last mail. Not by the outbox, which would keep the address it is sent to."""
    return compose(
        to=person.email,
        subject=_("Your account is deleted"),
        text_template="emails/erasure_done.txt",
        html_template="emails/erasure_done.html",
        context={},
    )

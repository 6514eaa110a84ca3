"""The mails that bring a receipt or a credit note: worded from what was frozen."""

from datetime import datetime

from django.conf import settings

from accounts import outbox
from accounts.models import Message
from accounts.outbox import Letter, Silence
from payments.models import Document
from payments.receipts import on_paper


def register() -> None:
    """Tell the outbox who writes these; called when the app is ready."""
    for kind in Document.Kind:
        outbox.writer(kind.value)(_letter)


def _letter(message: Message, *, at: datetime) -> Letter | Silence:
    found = Document.objects.select_related("entity", "order").filter(pk=message.about).first()
    if found is None:
        return Silence("There is no such document.")
    paper = on_paper(found)
    return Letter(
        subject=f"{paper.title} {paper.number}",
        template=found.kind,
        context={"paper": paper, "paper_url": f"{settings.SITE_URL}{found.get_absolute_url()}"},
    )

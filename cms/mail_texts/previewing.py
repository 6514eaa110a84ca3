"""A mail as it would leave, about a session that never was."""

from csp.constants import NONE
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse

from accounts.mailing import compose
from cms.mail_texts.models import MailText
from cms.mail_texts.wording import worded


def preview(text: MailText, *, plain: bool) -> HttpResponse:
    """Mails carry their styles inline, so this answer alone may, and it runs no script."""
    mail = composed(text)
    if plain:
        words = f"Subject: {mail.subject}\n\n{mail.body}"
        return HttpResponse(words, content_type="text/plain; charset=utf-8")
    response = HttpResponse(mail.alternatives[0][0])
    response._csp_replace = {  # type: ignore[attr-defined]
        "default-src": [NONE],
        "style-src": ["'unsafe-inline'"],
        "script-src": [NONE],
    }
    return response


def composed(text: MailText) -> EmailMultiAlternatives:
    kind = text.shown
    own = worded(text, kind.sample)
    return compose(
        to=settings.DEFAULT_FROM_EMAIL,
        subject=own.subject or kind.subject,
        text_template=f"emails/{kind.kind}.txt",
        html_template=f"emails/{kind.kind}.html",
        context={**kind.sample, "own_words": own},
    )

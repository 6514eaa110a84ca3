"""Handing the practice's words to the outbox, and keeping a row for each kind and language."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import get_language
from wagtail.models import Locale

from accounts import outbox
from accounts.outbox import Letter, Rewording
from cms.mail_texts.filling import filled, paragraphs
from cms.mail_texts.kinds import KINDS
from cms.mail_texts.models import WORDED, MailText


def register(sender: Any) -> None:
    """Called when the app is ready."""
    outbox.reword_with(own_words)
    post_migrate.connect(_after_migrate, sender=sender, dispatch_uid="cms.mail_texts")
    post_save.connect(_new_language, sender=Locale, dispatch_uid="cms.mail_texts.locale")


def own_words(kind: str, letter: Letter) -> Rewording | None:
    """The words for a letter in the language mails are written in; None: the standard ones."""
    if kind not in KINDS:
        return None
    language = get_language() or settings.LANGUAGE_CODE
    text = MailText.objects.filter(kind=kind, locale__language_code=language).first()
    return worded(text, letter.context) if text and text.is_own else None


def worded(text: MailText, context: Mapping[str, Any]) -> Rewording:
    values = {each.name: str(each.read(context) or "") for each in text.shown.variables}
    return Rewording(
        subject=filled(text.subject, values),
        before=[filled(part, values) for part in paragraphs(text.before)],
        after=[filled(part, values) for part in paragraphs(text.after)],
    )


def use_standard_words(text: MailText, *, by: Any) -> None:
    """Empty every field; what stood there stays in the history."""
    for name in WORDED:
        setattr(text, name, "")
    text.save()
    text.save_revision(user=by, log_action="wagtail.revert")


def keep_rows(using: str = "default") -> None:
    """A row for each kind in each language, so that an editor finds them all."""
    there = set(MailText.objects.using(using).values_list("kind", "locale_id"))
    MailText.objects.using(using).bulk_create(
        MailText(kind=kind, locale=locale)
        for locale in Locale.objects.using(using).order_by("pk")
        for kind in KINDS
        if (kind, locale.pk) not in there
    )


def _after_migrate(using: str = "default", **_: Any) -> None:
    keep_rows(using)


def _new_language(created: bool = False, raw: bool = False, **_: Any) -> None:
    if created and not raw:
        keep_rows()

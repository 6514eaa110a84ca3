"""The words of one kind of mail in one language. Empty fields are the standard words."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from wagtail.models import Locale, PreviewableMixin, Revision, RevisionMixin

from cms.mail_texts.filling import faults_in
from cms.mail_texts.kinds import KINDS, MailKind

WORDED = ("subject", "before", "after")


class MailText(PreviewableMixin, RevisionMixin, models.Model):
    """There is a row for each kind in each language; it is changed, never added or deleted."""

    kind = models.CharField(max_length=40, editable=False)
    locale = models.ForeignKey(Locale, on_delete=models.CASCADE, editable=False, related_name="+")
    subject = models.CharField(
        max_length=100, blank=True, help_text="Up to 50 letters are seen on a phone."
    )
    before = models.TextField(
        "words before the facts",
        max_length=2000,
        blank=True,
        help_text="An empty line begins a new paragraph.",
    )
    after = models.TextField("words after the facts", max_length=2000, blank=True)
    _revisions = GenericRelation(Revision, related_query_name="mail_text")

    class Meta:
        verbose_name = "mail"
        ordering: ClassVar[list[str]] = ["locale_id", "pk"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["kind", "locale"], name="mail_text_once_a_language")
        ]

    def __str__(self) -> str:
        return self.shown.title if self.kind in KINDS else self.kind

    @property
    def revisions(self) -> Any:
        return self._revisions

    @property
    def shown(self) -> MailKind:
        return KINDS[self.kind]

    @property
    def is_own(self) -> bool:
        return any(getattr(self, name) for name in WORDED)

    def clean(self) -> None:
        """Every variable is one that this kind of mail knows."""
        known = {each.name for each in self.shown.variables}
        wrong = {name: faults_in(getattr(self, name), known) for name in WORDED}
        if "\n" in self.subject or "\r" in self.subject:
            wrong["subject"].append("A subject is one line.")
        if found := {name: faults for name, faults in wrong.items() if faults}:
            raise ValidationError(found)

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return [("", "As people see it"), ("text", "As plain text")]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        from cms.mail_texts.previewing import preview

        return preview(self, plain=mode_name == "text")

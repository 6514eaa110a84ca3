"""The versions of the practice's policies: what was said, from which day, under which rules.

A row is written when a policy page is published or its rules change, and never again touched: the
database refuses it. It carries the values of its rules, so it reads the same for ever.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import translation

from cms import rich_text
from cms.languages import day_in_words
from payments.rule_words import PLACEHOLDERS, Rules, filled


class PolicyTextQuerySet(models.QuerySet["PolicyText"]):
    def of(self, code: str, language: str = "") -> Self:
        """Versions of a policy, in every language unless one is named."""
        found = self.filter(code=code)
        return found.filter(language=language) if language else found

    def begun(self, on: date) -> Self:
        """Those whose first day has come; the latest published takes the place of the others."""
        return self.filter(effective_on__lte=on).order_by("-number")


class PolicyText(models.Model):
    """One version of one policy in one language; its number counts all languages of a policy."""

    code = models.SlugField(max_length=40)
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=20)
    title = models.CharField(max_length=255)
    intro = models.TextField(blank=True, help_text="With its placeholders.")
    body = models.TextField(blank=True, help_text="Rich text with its placeholders.")
    rules_code = models.CharField(max_length=40, blank=True)
    rules_version = models.PositiveIntegerField(null=True, blank=True)
    rules = models.JSONField(
        null=True, blank=True, help_text="The values its placeholders stand for."
    )
    effective_on = models.DateField("in force from")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: a change of the rules made it.",
    )

    objects = PolicyTextQuerySet.as_manager()

    class Meta:
        ordering = ["code", "-number"]
        verbose_name = "policy version"
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="policy_text_number_once"),
            models.CheckConstraint(
                condition=Q(rules_code="", rules_version=None, rules=None)
                | (~Q(rules_code="") & Q(rules_version__isnull=False, rules__isnull=False)),
                name="policy_text_rules_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["rules_code", "rules_version"], name="policy_text_by_rules"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"

    def get_absolute_url(self) -> str:
        """In its own language, whatever is spoken now: a text has one address."""
        with translation.override(self.language):
            return reverse("policy_version", args=[self.code, self.number])

    @property
    def reference(self) -> str:
        """What an order keeps of it."""
        return f"{self.code}/{self.number}"

    @property
    def starts_words(self) -> str:
        return f"{day_in_words(self.effective_on)}."

    @property
    def bound_to(self) -> Rules | None:
        return Rules(**self.rules) if self.rules else None

    @property
    def intro_words(self) -> str:
        return self._said(self.intro)

    @property
    def html(self) -> str:
        """The whole text with the values of its rules; links are real."""
        return rich_text.resolved(self._said(self.body))

    @property
    def absolute_html(self) -> str:
        return rich_text.resolved(self._said(self.body), absolute=True)

    @property
    def values(self) -> dict[str, str]:
        """Each placeholder and what it says here."""
        rules = self.bound_to
        if rules is None:
            return {}
        with translation.override(self.language):
            return {name: each.words(rules) for name, each in PLACEHOLDERS.items()}

    def as_row(self) -> dict[str, Any]:
        """What lists and the API say of every version."""
        return {
            "code": self.code,
            "version": self.number,
            "language": self.language,
            "title": self.title,
            "effective_on": self.effective_on,
            "published_at": self.published_at,
            "rules": f"{self.rules_code} v{self.rules_version}" if self.rules_code else "",
            "url": settings.SITE_URL + self.get_absolute_url(),
        }

    def _said(self, text: str) -> str:
        rules = self.bound_to
        if rules is None:
            return text
        with translation.override(self.language):
            return filled(text, rules)

"""A policy in words: cancellation, terms, privacy. Values of rules are placeholders (U8)."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.api import APIField
from wagtail.fields import RichTextField
from wagtail.search import index

from cms import live
from cms.pages.base import BasePage
from cms.policies import drafted, in_force, upcoming
from cms.references import code_select
from payments.rule_words import TOKEN
from payments.typed_values import NotTrue, require_true

FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link"]


def rule_choices() -> list[tuple[str, str]]:
    return [(code, code) for code in live.rule_codes()]


class PolicyPage(BasePage):
    """Readers see the version in force; publishing makes the next one."""

    code = models.SlugField(
        max_length=40, help_text="Its name in permanent addresses: cancellation, terms, privacy."
    )
    rules_code = models.CharField(
        "rules it speaks of",
        max_length=40,
        blank=True,
        help_text="Whose values the placeholders stand for. Empty where it speaks of none.",
    )
    intro = models.TextField(max_length=400, blank=True)
    body = RichTextField(features=FEATURES, blank=True)
    effective_on = models.DateField(
        "in force from",
        null=True,
        blank=True,
        help_text="Empty: from the day it is published. Until then readers see the one before.",
    )

    parent_page_types: ClassVar[list[str]] = ["cms.HomePage", "cms.StandardPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/policy_page.html"
    search_fields = [*BasePage.search_fields, index.SearchField("intro"), index.SearchField("body")]
    content_panels = [
        *BasePage.content_panels,
        "intro",
        HelpPanel(template="cms/admin/placeholders.html", heading="Placeholders"),
        "body",
        MultiFieldPanel(
            [
                FieldPanel("code"),
                FieldPanel("rules_code", widget=code_select(rule_choices)),
                FieldPanel("effective_on"),
            ],
            heading="Version",
        ),
    ]
    api_fields = [
        *(
            APIField(name, writable=True)
            for name in ("code", "rules_code", "intro", "body", "effective_on")
        ),
        APIField("version"),
        APIField("in_force_from"),
        APIField("intro_words"),
        APIField("body_html"),
    ]

    class Meta:
        verbose_name = "policy"

    def clean(self) -> None:
        super().clean()
        errors: dict[str, list[str]] = {}
        for name in ("intro", "body"):
            try:
                require_true(getattr(self, name) or "")
            except NotTrue as untrue:
                errors[name] = untrue.messages
        if bound := self._trouble_with_rules():
            errors["rules_code"] = [bound]
        others = PolicyPage.objects.filter(code=self.code, locale_id=self.locale_id)
        if self.code and others.exclude(pk=self.pk).exists():
            errors["code"] = [_("Another page is this policy already.")]
        if errors:
            raise ValidationError(errors)

    def _trouble_with_rules(self) -> str:
        if not self.rules_code:
            named = TOKEN.search(f"{self.intro} {self.body}")
            return _("Choose the rules its placeholders stand for.") if named else ""
        if live.rules_in_effect(self.rules_code, timezone.localdate()) is None:
            return _("There are no rules of this name in effect.")
        return ""

    # What readers are told: the version in force, not the page's own fields -------------------
    def shown(self, request: HttpRequest | None = None) -> Any:
        """The version to show; in a preview the page as it is being written."""
        if getattr(request, "is_preview", False):
            return drafted(self, timezone.localdate())
        return self._in_force

    @cached_property
    def _in_force(self) -> Any:
        """Asked once, however many of the fields below are read."""
        today = timezone.localdate()
        language = self.locale.language_code
        return in_force(self.code, today, language, exactly=True) or drafted(self, today)

    @property
    def version(self) -> int:
        return int(self.shown().number)

    @property
    def in_force_from(self) -> date:
        day: date = self.shown().effective_on
        return day

    @property
    def intro_words(self) -> str:
        return str(self.shown().intro_words)

    @property
    def body_html(self) -> str:
        return str(self.shown().absolute_html)

    @property
    def summary(self) -> str:
        return self.intro_words

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        text = self.shown(request)
        return super().get_context(request, *args, **kwargs) | {
            "text": text,
            "coming": upcoming(text, timezone.localdate()) if text.number else None,
        }

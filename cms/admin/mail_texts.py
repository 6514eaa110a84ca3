"""The words of mails in the Wagtail admin: Mails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, HelpPanel, Panel
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.mail_texts.models import MailText
from cms.mail_texts.wording import use_standard_words


class OnlyReworded(ModelPermissionPolicy):
    """The portal decides which mails there are."""

    refused: ClassVar[frozenset[str]] = frozenset({"add", "delete"})

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action not in self.refused and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_permission(user, action)


register_permission_policy(MailText, OnlyReworded(MailText))


class MailTextViewSet(SnippetViewSet):
    model = MailText
    icon = "mail"
    menu_label = "Mails"
    menu_order = 330
    add_to_admin_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    list_filter: ClassVar[list[str]] = ["locale"]
    list_display: ClassVar[list[Any]] = [
        "__str__",
        Column("what_for", label="What it is for", accessor="shown.what_for"),
        Column("language", label="Language", accessor="locale"),
        Column("words", label="Words", accessor=lambda one: "Own" if one.is_own else "Standard"),
    ]
    panels: ClassVar[list[Panel]] = [
        HelpPanel(template="cms/admin/mail_variables.html"),
        FieldPanel("subject"),
        FieldPanel("before"),
        FieldPanel("after"),
    ]

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("standard/<int:pk>/", standard_words, name="standard"),
        ]


VIEWS = MailTextViewSet()
register_snippet(VIEWS)


def standard_words(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once, then empties the fields; the history keeps what stood there."""
    text = get_object_or_404(MailText, pk=pk)
    if not OnlyReworded(MailText).user_has_permission(request.user, "change"):
        raise PermissionDenied
    if request.method == "POST":
        use_standard_words(text, by=request.user)
        messages.success(request, f"“{text}” has the standard words again.")
        return redirect(VIEWS.get_url_name("list"))
    context = {"text": text, "back_url": reverse(VIEWS.get_url_name("list"))}
    return TemplateResponse(request, "cms/admin/mail_standard.html", context)


@hooks.register("register_snippet_listing_buttons")
def offer_standard_words(snippet: Any, user: Any, next_url: str | None = None) -> Iterator[Button]:
    if isinstance(snippet, MailText) and snippet.is_own:
        url = reverse(VIEWS.get_url_name("standard"), args=[snippet.pk])
        yield Button("Use the standard words", url, icon_name="undo", priority=20)

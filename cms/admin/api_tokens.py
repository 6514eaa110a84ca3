"""Wagtail's screens for API tokens, with a term and with scopes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from wagtail.admin.ui.tables import Column
from wagtail.users.utils import user_can_manage_token
from wagtail.users.views import api_tokens

from cms.api_scopes import Scope
from cms.api_tokens import issue_token

LASTING = ((7, "A week"), (30, "A month"), (90, "Three months"), (365, "A year"))


class TokenForm(api_tokens.APITokenForm):
    days = forms.TypedChoiceField(
        label="Good for",
        choices=LASTING,
        coerce=int,
        initial=90,
        help_text="Afterwards it opens nothing; make a new one.",
    )
    scopes = forms.MultipleChoiceField(
        label="May",
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Never more than its owner may. With none it reads what everybody reads.",
    )


class TokenCreateView(api_tokens.CreateView):
    def form_valid(self, form: TokenForm) -> HttpResponse:
        owner = form.cleaned_data["user"]
        if not user_can_manage_token(self.request.user, owner, "wagtailcore.add_apitoken"):
            raise PermissionDenied
        self.object, secret = issue_token(
            user=owner,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            lasting=timedelta(days=form.cleaned_data["days"]),
            by=self.request.user,
            at=timezone.now(),
        )
        context = self.get_created_context(secret)
        return TemplateResponse(self.request, "wagtailusers/api_tokens/created.html", context)


class TokenIndexView(api_tokens.IndexView):
    @property
    def columns(self) -> list[Column]:
        *first, last_used, revoked = super().columns
        return [
            *first,
            Column("scopes", label="May", accessor=_scopes),
            Column("expires_at", label="Good until", accessor=_expires_at),
            last_used,
            revoked,
        ]

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("terms")


class TokenViewSet(api_tokens.APITokenViewSet):
    add_view_class = TokenCreateView
    index_view_class = TokenIndexView

    def get_form_class(self, for_update: bool = False) -> Any:
        return super().get_form_class(for_update=True) if for_update else TokenForm


def _scopes(token: Any) -> str:
    terms = getattr(token, "terms", None)
    return ", ".join(terms.scopes) if terms and terms.scopes else "nothing beyond reading"


def _expires_at(token: Any) -> Any:
    terms = getattr(token, "terms", None)
    return terms.expires_at if terms else "over: made without a term"


# Wagtail's hook makes its viewset by this name when the admin's addresses are read.
api_tokens.APITokenViewSet = TokenViewSet

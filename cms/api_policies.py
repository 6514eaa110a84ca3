"""Policies by API: what counts today, and every version that ever did."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field
from wagtail.api.v3.auth import AllowAnonymous

from cms.policies import all_in_force, in_force
from cms.policy_texts import PolicyText

router = Router(tags=["content"], auth=[AllowAnonymous()])


class LanguageWanted(Schema):
    """A language; without one, or where there is no text in it, the practice's own."""

    language: str = Field("", pattern=r"^[a-zA-Z-]*$", max_length=20)


class PolicyRowOut(Schema):
    """A version; ``rules`` names those its values come from, ``url`` never changes."""

    code: str
    version: int
    language: str
    title: str
    effective_on: date
    published_at: datetime
    rules: str
    url: str


class PolicyOut(PolicyRowOut):
    """``values`` is what each placeholder says in this version."""

    intro: str
    html: str
    values: dict[str, str]
    is_in_force: bool
    versions: list[PolicyRowOut]


@router.get("/", response=list[PolicyRowOut], operation_id="content_policies")
def list_policies(request: HttpRequest, wanted: Query[LanguageWanted]) -> Any:
    """The version of each policy that counts today."""
    return [text.as_row() for text in all_in_force(timezone.localdate(), wanted.language)]


@router.get("/{code}/", response=PolicyOut, operation_id="content_policy")
def read_policy(request: HttpRequest, code: str, wanted: Query[LanguageWanted]) -> Any:
    """The version of one policy that counts today."""
    text = in_force(code, timezone.localdate(), wanted.language)
    if text is None:
        raise Http404
    return _shown(text)


@router.get("/{code}/{version}/", response=PolicyOut, operation_id="content_policy_version")
def read_policy_version(request: HttpRequest, code: str, version: int) -> Any:
    """One version, as it was agreed to."""
    return _shown(get_object_or_404(PolicyText, code=code, number=version))


def _shown(text: PolicyText) -> dict[str, Any]:
    now = in_force(text.code, timezone.localdate(), text.language)
    versions = PolicyText.objects.of(text.code, text.language).defer("intro", "body")
    return {
        **text.as_row(),
        "intro": text.intro_words,
        "html": text.absolute_html,
        "values": text.values,
        "is_in_force": text == now,
        "versions": [each.as_row() for each in versions],
    }

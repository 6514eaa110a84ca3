"""Every version of every policy at an address that never changes."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cms import languages
from cms.caching import let_anybody_keep
from cms.policies import all_in_force, in_force
from cms.policy_texts import PolicyText


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """The policies of the practice, as they count today."""
    context = {"texts": all_in_force(timezone.localdate(), languages.active())}
    return let_anybody_keep(request, render(request, "cms/policies.html", context))


@require_safe
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """The version that counts today, and all there ever were."""
    text = in_force(code, timezone.localdate(), languages.active())
    if text is None:
        raise Http404
    return _version(request, text)


@require_safe
def policy_version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One version as it was agreed to, whatever counts today."""
    return _version(request, get_object_or_404(PolicyText, code=code, number=number))


def _version(request: HttpRequest, text: PolicyText) -> HttpResponse:
    today = timezone.localdate()
    now = in_force(text.code, today, text.language)
    versions = PolicyText.objects.of(text.code, text.language).defer("intro", "body")
    context = {
        "text": text,
        "lang": languages.tag_if_other(text.language),
        "now": now,
        "is_coming": text.effective_on > today,
        "versions": versions,
        "canonical": settings.SITE_URL + text.get_absolute_url(),
    }
    return let_anybody_keep(request, render(request, "cms/policy_version.html", context))

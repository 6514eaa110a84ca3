"""The form, its errors and its thanks. Sending is a POST that any page, cached or not, may make."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from cms.forms.guards import TOO_MANY, may_send
from cms.forms.models import FormPage
from cms.forms.sending import form_of, guards_of, receive
from scheduling.web.origin import comes_from_us

FOREIGN = "That came from another site, so nothing was sent. Please use the form here."


def empty_form(request: HttpRequest, page: FormPage) -> HttpResponse:
    """The same for everybody: its ETag leaves out the stamp, so that a copy stays good."""
    context = context_of(request, page)
    response = render(request, page.get_template(request), context)
    same = response.content.replace(context["guards"]["opened"].encode(), b"")
    digest = hashlib.md5(same, usedforsecurity=False).hexdigest()
    response.headers["ETag"] = f'"{digest}"'
    return response


def context_of(
    request: HttpRequest,
    page: FormPage,
    form: forms.Form | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    at = at or timezone.now()
    return page.get_context(request) | {
        "form": form if form is not None else form_of(page, None, at=at),
        "guards": guards_of(page, at=at),
    }


@csrf_exempt  # the page is cached without a token; comes_from_us answers for it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, page_id: int) -> HttpResponse:
    """Keep what was sent and lead on to the thanks; a mistake keeps what was typed."""
    page = form_page(page_id)
    if request.method != "POST":
        return redirect(page.get_url(request) or "/")
    at = timezone.now()
    if not comes_from_us(request):
        form = form_of(page, None, at=at)
        return _again(request, page, form, at, status=403, sentence=FOREIGN)
    form = form_of(page, request.POST, at=at)
    if form.errors:
        return _again(request, page, form, at, status=422)
    if not may_send(request, form_id=page.pk):
        return _again(request, page, form, at, status=429, sentence=TOO_MANY)
    receive(page=page, form=form, at=at)
    return redirect("form_thanks", page.pk)


@require_safe
def thanks(request: HttpRequest, page_id: int) -> HttpResponse:
    page = form_page(page_id)
    return render(request, page.landing_page_template, page.get_context(request))


def form_page(page_id: int) -> FormPage:
    """The live, public form of this number."""
    page = FormPage.objects.live().public().filter(pk=page_id).first()
    if page is None:
        raise Http404
    return page


def _again(
    request: HttpRequest,
    page: FormPage,
    form: forms.Form,
    at: datetime,
    *,
    status: int,
    sentence: str = "",
) -> HttpResponse:
    context = context_of(request, page, form, at) | {"sentence": sentence, "sent": True}
    return render(request, page.get_template(request), context, status=status)

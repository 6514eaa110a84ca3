"""The form, its errors and its thanks. Sending is a POST that any page, cached or not, may make."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from cms.blocks.embeds import allow_frames
from cms.forms.guards import TOO_MANY, may_send
from cms.forms.models import FormPage
from cms.forms.sending import form_of, receive
from scheduling.web.origin import comes_from_us

FOREIGN = gettext_noop(
    "That came from another site, so nothing was sent. Please use the form here."
)


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
        return _again(request, page, form, status=403, sentence=_(FOREIGN))
    form = form_of(page, request.POST, at=at)
    if form.errors:
        return _again(request, page, form, status=422)
    if not may_send(request, form_id=page.pk):
        return _again(request, page, form, status=429, sentence=_(TOO_MANY))
    receive(page=page, form=form, at=at)
    return redirect("form_thanks", page.pk)


@require_safe
def thanks(request: HttpRequest, page_id: int) -> HttpResponse:
    page = form_page(page_id)
    return render(request, page.landing_page_template, page.get_context(request))


def form_page(page_id: int) -> FormPage:
    """The live, public form of this number."""
    page: FormPage | None = FormPage.objects.live().public().filter(pk=page_id).first()
    if page is None:
        raise Http404
    return page


def _again(
    request: HttpRequest,
    page: FormPage,
    form: forms.Form,
    *,
    status: int,
    sentence: str = "",
) -> HttpResponse:
    context = page.get_context(request, form=form) | {"sentence": sentence, "sent": True}
    response = render(request, page.get_template(request), context, status=status)
    allow_frames(request, response)
    return response

"""What was sent to a webhook, and sending it again."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin.widgets import AdminDateTimeInput

from cms.webhooks.managing import (
    OVERLAP,
    WebhookError,
    renew_secret,
    replay,
    replay_failed,
    require_manager,
    send_test,
)
from cms.webhooks.models import WebhookDelivery, WebhookEndpoint, newest_first

PAGE = 30
STATES = ("waiting", "delivered", "failed")


class Since(forms.Form):
    since = forms.DateTimeField(
        label="Everything that failed since",
        widget=AdminDateTimeInput(attrs={"placeholder": "YYYY-MM-DD hh:mm"}),
    )


def managers_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_manager(request.user)
        return view(request, *args, **kwargs)

    return never_cache(guarded)


@require_GET
@managers_only
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest first, with the last attempt of each."""
    endpoint = get_object_or_404(WebhookEndpoint, pk=pk)
    return _log_page(request, endpoint, Since())


def _log_page(request: HttpRequest, endpoint: WebhookEndpoint, since: Since) -> HttpResponse:
    state = request.GET.get("state", "")
    found = WebhookDelivery.objects.filter(endpoint=endpoint).in_state(state)
    page = Paginator(newest_first(found).prefetch_related("tries"), PAGE).get_page(
        request.GET.get("p")
    )
    return TemplateResponse(
        request,
        "cms/admin/webhooks/log.html",
        {
            "endpoint": endpoint,
            "page": page,
            "state": state if state in STATES else "",
            "states": STATES,
            "since": since,
        },
    )


@require_GET
@managers_only
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(newest_first(WebhookDelivery.objects.all()), pk=pk)
    context = {"delivery": found, "body": found.event.body(), "tries": list(found.tries.all())}
    return TemplateResponse(request, "cms/admin/webhooks/delivery.html", context)


@require_POST
@managers_only
def test(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_object_or_404(WebhookEndpoint, pk=pk)
    try:
        sent = send_test(endpoint=endpoint, at=timezone.now())
    except WebhookError as refusal:
        messages.error(request, str(refusal))
        return redirect("webhooks:log", pk)
    messages.success(request, "A test is on its way. Load this page again to see the answer.")
    return redirect("webhooks:delivery", sent.pk)


@require_POST
@managers_only
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_object_or_404(WebhookEndpoint, pk=pk)
    by, at = require_manager(request.user), timezone.now()
    secret = renew_secret(endpoint=endpoint, by=by, at=at)
    return secret_shown(request, endpoint, secret, former_until=at + OVERLAP)


def secret_shown(
    request: HttpRequest,
    endpoint: WebhookEndpoint,
    secret: str,
    former_until: datetime | None = None,
) -> TemplateResponse:
    response = TemplateResponse(
        request,
        "cms/admin/webhooks/secret.html",
        {"endpoint": endpoint, "secret": secret, "former_until": former_until},
    )
    response["Cache-Control"] = "no-store, private"
    return response


@require_POST
@managers_only
def replay_since(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_object_or_404(WebhookEndpoint, pk=pk)
    form = Since(request.POST)
    if not form.is_valid():
        return _log_page(request, endpoint, form)
    try:
        count = replay_failed(
            endpoint=endpoint, since=form.cleaned_data["since"], at=timezone.now()
        )
    except WebhookError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{count} sent again." if count else "Nothing failed since.")
    return redirect("webhooks:log", pk)


@require_POST
@managers_only
def replay_one(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(WebhookDelivery.objects.select_related("endpoint"), pk=pk)
    try:
        replay(delivery=found, at=timezone.now())
    except WebhookError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It is sent again.")
    return redirect("webhooks:delivery", pk)

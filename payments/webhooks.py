"""The door for Stripe's events: prove the signature, keep the event, answer at once."""

import logging

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments import inbox
from payments.stripe_gateway import UntrustedWebhook, construct_event
from payments.tasks import handle_event

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """200 for an event kept, now or before; 400, and nothing kept, for anything unproved.

    Stripe is never called here, so its own trouble cannot hold this answer up.
    """
    try:
        event = construct_event(request.body, request.headers.get("Stripe-Signature", ""))
    except UntrustedWebhook as problem:
        log.warning("A webhook was refused: %s", problem)
        return HttpResponse("This is not a signed event for us.", status=400)
    with transaction.atomic():
        stored = inbox.store(event, signed=True, at=timezone.now())
        if stored is not None and stored.status == stored.Status.PENDING:
            transaction.on_commit(lambda: handle_event.enqueue(stored.pk))
    return HttpResponse("kept" if stored else "known", content_type="text/plain")

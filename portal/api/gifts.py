"""Gifts by API, for staff."""

import uuid
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from accounts.api import signed_in
from payments.gift_api import GiftOut, SendingIn, sent_again
from payments.models import Gift
from portal.api.books import require_bookkeeper

router = Router(tags=["staff"], auth=signed_in)


@router.post("/orders/{order_id}/gift/", response=GiftOut, operation_id="send_gift_at_desk")
def send_gift_at_desk(request: HttpRequest, order_id: uuid.UUID, wanted: SendingIn) -> Any:
    """Mail somebody's unclaimed gift anew; the code of the mail before ends."""
    require_bookkeeper(request)
    return sent_again(get_object_or_404(Gift, order__public_id=order_id), wanted)

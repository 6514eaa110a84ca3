"""A word on the page for somebody who just proved her address and had bought before (R2)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from accounts.models import User
from payments.claimed import anything_waited


def greet(sender: object, user: User, request: HttpRequest | None = None, **kwargs: Any) -> None:
    if request is None or request.path.startswith("/_allauth/") or not anything_waited(user):
        return
    words = "Your address is confirmed. What was bought for it before is in your account."
    messages.success(request, words, fail_silently=True)

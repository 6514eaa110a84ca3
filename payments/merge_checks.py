"""What speaks against merging two buyers: money of theirs is on its way."""

from datetime import datetime
from typing import Any

from accounts.merging import merge_asked
from accounts.models import User
from payments.models import PaymentAttempt


def checkout_is_open(
    sender: Any, kept: User, absorbed: User, at: datetime, **kwargs: Any
) -> list[str]:
    """A checkout began for one account and must end for the same."""
    if PaymentAttempt.objects.live().filter(order__buyer__in=[kept, absorbed]).exists():
        return ["One of the two is paying just now. Wait until it is paid or has ended."]
    return []


def register() -> None:
    merge_asked.connect(checkout_is_open, dispatch_uid="payments.merge_checks")

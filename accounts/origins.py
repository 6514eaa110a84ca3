"""Where an act came from, for the audit trail: a mark of the address, never the address itself.

The mark is keyed and changes each month: it shows that two acts of a month came from one place,
and nothing of where that is.
"""

from collections.abc import Callable
from datetime import datetime

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import auditing
from accounts.models import User

SALT = "accounts.origins"


class TellsWhoAndWhere:
    """While a request is answered, the trail knows who sent it and the mark of its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        where = auditing.origin.set(place_of(request))
        who = auditing.asker.set(lambda: _sender(request))
        try:
            return self.get_response(request)
        finally:
            auditing.origin.reset(where)
            auditing.asker.reset(who)


def place_of(request: HttpRequest) -> str:
    """The mark of where a request comes from, now."""
    return mark_of(_address(request), at=timezone.now())


def mark_of(address: str, *, at: datetime) -> str:
    """64 hex digits for an address in a month; nothing for none."""
    if not address:
        return ""
    return salted_hmac(f"{SALT}:{at:%Y-%m}", address, algorithm="sha256").hexdigest()


def _address(request: HttpRequest) -> str:
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # no address that could be trusted
        return ""


def _sender(request: HttpRequest) -> User | None:
    user = getattr(request, "user", None)
    return user if isinstance(user, User) and user.is_authenticated else None

"""What one address may do: hold enough times for a family, too few to empty a diary; try links."""

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from scheduling.models import Booking

MAX_LIVE_HOLDS = 5
MAX_TRIES_A_MINUTE = 30
MAX_BAD_LINKS_A_MINUTE = 20
_REMEMBER_SECONDS = 3 * 60 * 60
_MAX_KEYS = 200


def may_hold(request: HttpRequest, *, hold_key: str, at: datetime) -> bool:
    """False when this address holds enough through other visits, or tries too often."""
    address = _address(request)
    return _count(f"hold-tries:{address}") <= MAX_TRIES_A_MINUTE and _few_live_holds(
        address, hold_key, at
    )


def may_try_links(request: HttpRequest) -> bool:
    """False for a while after many links that we never made (B13, N4)."""
    return int(cache.get(_bad_links(request), 0)) < MAX_BAD_LINKS_A_MINUTE


def count_bad_link(request: HttpRequest) -> None:
    _count(_bad_links(request))


def _bad_links(request: HttpRequest) -> str:
    return f"bad-links:{_address(request)}"


def _address(request: HttpRequest) -> str:
    return str(get_adapter().get_client_ip(request))


def _count(key: str) -> int:
    """How often in a minute, this time included."""
    cache.add(key, 0, 60)
    try:
        return int(cache.incr(key))
    except ValueError:  # it lapsed between the two lines
        return 1


def _few_live_holds(address: str, hold_key: str, at: datetime) -> bool:
    key = f"hold-keys:{address}"
    keys: list[str] = [known for known in cache.get(key, []) if known != hold_key]
    live = Booking.objects.filter(
        hold_key__in=keys, state=Booking.State.HELD, hold_expires_at__gt=at
    ).count()
    if live >= MAX_LIVE_HOLDS:
        return False
    cache.set(key, [*keys[-_MAX_KEYS:], hold_key], _REMEMBER_SECONDS)
    return True

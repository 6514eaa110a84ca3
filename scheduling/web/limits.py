"""How many times one address may hold at once: enough for a family, too few to empty a diary."""

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from scheduling.models import Booking

MAX_LIVE_HOLDS = 5
MAX_TRIES_A_MINUTE = 30
_REMEMBER_SECONDS = 3 * 60 * 60
_MAX_KEYS = 200


def may_hold(request: HttpRequest, *, hold_key: str, at: datetime) -> bool:
    """False when this address holds enough through other visits, or tries too often."""
    address = get_adapter().get_client_ip(request)
    return _within_pace(address) and _few_live_holds(address, hold_key, at)


def _within_pace(address: str) -> bool:
    key = f"hold-tries:{address}"
    cache.add(key, 0, 60)
    try:
        return cache.incr(key) <= MAX_TRIES_A_MINUTE
    except ValueError:  # it lapsed between the two lines
        return True


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

"""What keeps machines out without a puzzle, a cookie or a third party.

A field that people do not see, a stamp that says when the form was drawn, and how much one
address may send. A page may come out of a cache, so a stamp may be old, but never too young and
never made up. Whoever is stopped by mistake sees what was typed and can send it again.
"""

from __future__ import annotations

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

MIN_SECONDS = 3  # nobody reads and fills a form faster
MAX_AN_HOUR = 5
MAX_ACKNOWLEDGED_A_DAY = 3  # for one address of mail: the form is no way to pester somebody
HOUR, DAY = 3600, 86_400

TOO_FAST = gettext_noop(
    "That was faster than people type, so we were not sure. Please send it once more."
)
TRAP_FILLED = gettext_noop(
    "A field that people do not see was filled in, perhaps by your browser. "
    "It is empty now: please send it once more."
)
TOO_MANY = gettext_noop(
    "Several messages have come from your connection within an hour. Please wait a while, or "
    "ring us. What you wrote is still here."
)
_signer = Signer(salt="cms.forms.opened")


def stamp(at: datetime) -> str:
    """When a form was drawn, signed."""
    return _signer.sign(str(int(at.timestamp())))


def suspicion(*, opened: str, trap: str, at: datetime) -> str:
    """Why this may be a machine; nothing for a person."""
    if trap:
        return _(TRAP_FILLED)
    try:
        drawn = int(_signer.unsign(opened))
    except (BadSignature, ValueError):
        return _(TOO_FAST)
    return _(TOO_FAST) if at.timestamp() - drawn < MIN_SECONDS else ""


def may_send(request: HttpRequest, *, form_id: int) -> bool:
    """Counts this sending; False when this address has sent enough for an hour."""
    address = get_adapter().get_client_ip(request)
    return _count(f"enquiries:{form_id}:{address}", HOUR) <= MAX_AN_HOUR


def may_acknowledge(email: str) -> bool:
    return _count(f"acknowledged:{email.lower()}", DAY) <= MAX_ACKNOWLEDGED_A_DAY


def _count(key: str, seconds: int) -> int:
    """How often within `seconds`, this time included; the cache is shared by all processes."""
    key = key.replace(" ", "_")
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # it lapsed between the two lines
        return 1

"""When we may speak to Stripe at all, and to which one. Looked at on start and on each client.

A wrong combination of key and address is the classic way to lose money or to test on people,
so every doubt is a refusal.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

SANDBOX_KEY = "sk_test_sandbox_"
LIVE_KEYS = ("sk_live_", "rk_live_")


class UnsafeStripeSettings(Exception):
    """Key, address and mode do not fit together; nothing may be sent."""


def is_live() -> bool:
    return str(settings.STRIPE_SECRET_KEY).startswith(LIVE_KEYS)


def faults() -> Iterator[tuple[str, str]]:
    """Each fault of the settings: an identifier and a sentence."""
    key, base = settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE
    if base:
        if not key.startswith(SANDBOX_KEY):
            yield "payments.E001", f"With STRIPE_API_BASE the key must begin with {SANDBOX_KEY}."
        if not _is_loopback(base):
            yield "payments.E002", "STRIPE_API_BASE must be an address of this very machine."
        if not settings.DEBUG and not settings.STRIPE_SANDBOX_ALLOWED:
            yield (
                "payments.E003",
                "The local Stripe server is for development; set STRIPE_SANDBOX_ALLOWED=1 "
                "to use it without DEBUG.",
            )
    elif key.startswith(SANDBOX_KEY):
        yield "payments.E004", "A sandbox key needs STRIPE_API_BASE, the local Stripe server."
    if not settings.STRIPE_WEBHOOK_SECRETS:
        yield "payments.E005", "STRIPE_WEBHOOK_SECRETS is empty: no webhook could be trusted."


def require_safe() -> None:
    """Raises UnsafeStripeSettings with every fault found."""
    if found := [sentence for _, sentence in faults()]:
        raise UnsafeStripeSettings(" ".join(found))


def _is_loopback(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@register(Tags.security)
def check_stripe_settings(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    return [Error(sentence, id=ident) for ident, sentence in faults()]

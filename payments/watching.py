"""Is it really our Stripe? Asked at the worker's start and every day.

A key of another account, after a restore or a change of hands, is the classic way to book
somebody else's money. What is wrong is put before staff and closed when it is right again.
"""

import logging
from datetime import datetime

from django.conf import settings

from payments import stripe_gateway as gateway
from payments.mismatching import open_mismatch, settle_mismatch
from payments.stripe_objects import EndpointRow

log = logging.getLogger(__name__)

WRONG_ACCOUNT, OLD_VERSION = "stripe-account", "webhook-version"


def check_account(*, at: datetime) -> bool:
    """Whether our key belongs to the account of the settings; no account set, nothing to compare.

    Calls Stripe: never in a transaction.
    """
    expected = settings.STRIPE_ACCOUNT_ID
    with gateway.patiently():
        found = gateway.retrieve_account_id()
    if expected and found != expected:
        log.critical("The Stripe key belongs to %s, not to %s", found, expected)
        open_mismatch(
            "M21",
            about=WRONG_ACCOUNT,
            at=at,
            details={"key_belongs_to": found, "expected": expected},
        )
        return False
    settle_mismatch("M21", about=WRONG_ACCOUNT, at=at, resolution="The key is of our account.")
    return True


def check_endpoint(*, at: datetime) -> bool:
    """Whether an endpoint sends us all we handle, in the version we speak.

    Calls Stripe: never in a transaction.
    """
    with gateway.patiently():
        endpoints = [one for one in gateway.list_endpoints() if one.url == webhook_url()]
    wrong = "; ".join(_faults(endpoints))
    if wrong:
        open_mismatch("M22", about=OLD_VERSION, at=at, details={"endpoint": wrong})
        return False
    settle_mismatch("M22", about=OLD_VERSION, at=at, resolution="The endpoint is as it should be.")
    return True


def webhook_url() -> str:
    """Where Stripe sends our events."""
    return f"{settings.SITE_URL}/webhooks/stripe"


def _faults(endpoints: list[EndpointRow]) -> list[str]:
    live = [one for one in endpoints if one.status == "enabled"]
    if not live:
        return [f"no enabled endpoint for {webhook_url()}"]
    found = []
    if all(one.api_version != settings.STRIPE_API_VERSION for one in live):
        found.append(f"events come in version {live[0].api_version or 'of the account'}")
    heard = {event for one in live for event in one.enabled_events}
    if "*" not in heard and (missing := sorted(set(gateway.EVENT_TYPES) - heard)):
        found.append(f"it is not told of {', '.join(missing)}")
    return found

"""Makes or mends the webhook endpoint at Stripe: our events, in the version we speak."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from payments import stripe_gateway as gateway
from payments.watching import webhook_url


class Command(BaseCommand):
    help = "Make sure that Stripe sends this portal the events it handles; prints a new secret once"

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._ensure()
        except gateway.GatewayError as problem:
            raise CommandError(f"Stripe said no, or nothing: {problem}") from problem

    def _ensure(self) -> None:
        ours = [one for one in gateway.list_endpoints() if one.url == webhook_url()]
        current = [one for one in ours if one.api_version == settings.STRIPE_API_VERSION]
        for old in ours:
            if old not in current:
                self.stdout.write(
                    f"{old.id} speaks {old.api_version or 'the version of the account'}: "
                    "disable it at Stripe once the new one works."
                )
        if current:
            gateway.update_endpoint(current[0].id)
            self.stdout.write(f"{current[0].id} hears of all that we handle.")
            return
        made, secret = gateway.create_endpoint(webhook_url(), idempotency_key=_key(len(ours)))
        self.stdout.write(f"{made.id} is made. Its secret is shown this once:\n{secret}")
        self.stdout.write("Put it first into STRIPE_WEBHOOK_SECRETS and start the portal again.")


def _key(others: int) -> str:
    """The same for a call that is repeated, another one for the next version."""
    what = f"{webhook_url()} {settings.STRIPE_API_VERSION} {others}"
    return f"endpoint:{hashlib.sha256(what.encode()).hexdigest()[:24]}"

"""Stripe for a month that is proved."""

from tests.payments.conftest import running_sandbox, shop  # noqa: F401 - fixtures used here

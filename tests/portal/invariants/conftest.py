"""A month of the portal's own acts, in front of a Stripe whose clock stands still."""

from tests.payments.conftest import running_sandbox, shop  # noqa: F401 - fixtures used here

"""A local server that speaks enough of Stripe's API for the portal's whole money journey.

It is plain WSGI with its own SQLite file: it knows nothing of the portal, and the portal
reaches it only through the official SDK over HTTP. See docs/stripe-sandbox.md.
"""

API_VERSION = "2026-10-28.endive"
KEY_PREFIX = "sk_test_sandbox_"
DEFAULT_KEY = KEY_PREFIX + "portal"
DEFAULT_WEBHOOK_SECRET = "whsec_sandbox_portal"  # noqa: S105 - opens nothing but this
DEFAULT_PORT = 8421
ACCOUNT_ID = "acct_1SandboxRunners01"

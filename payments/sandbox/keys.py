"""Who may do what: the sandbox's own key everything, a restricted one what it was given.

Permissions are called as Stripe's error calls them without `rak_`: `charge_read`,
`refund_write`. Writing includes reading.
"""

import hmac
import json
import re

from payments.sandbox import ACCOUNT_ID
from payments.sandbox.errors import ApiError, BadOrder
from payments.sandbox.shapes import Json
from payments.sandbox.store import dump
from payments.sandbox.world import World

FACT = "restricted_keys"
RESTRICTED = re.compile(r"rk_test_sandbox_\w+\Z")
RESOURCES = {
    "account": "account",
    "balance": "balance",
    "balance_transactions": "balance",
    "charges": "charge",
    "checkout": "checkout_session",
    "customers": "customer",
    "disputes": "dispute",
    "events": "event",
    "payment_intents": "payment_intent",
    "payouts": "payout",
    "radar": "early_fraud_warning",
    "refunds": "refund",
    "test_helpers": "refund",
    "webhook_endpoints": "webhook",
}
PERMISSIONS = sorted(
    f"{name}_{way}" for name in set(RESOURCES.values()) for way in ("read", "write")
)


def allow(world: World, key: str, permissions: list[str]) -> None:
    """Take this restricted key from now on, with these permissions and no others.

    Raises:
        BadOrder: no restricted key of a sandbox, or an unknown permission.
    """
    if not RESTRICTED.match(key):
        raise BadOrder("A restricted key begins with rk_test_sandbox_.")
    if unknown := set(permissions) - set(PERMISSIONS):
        raise BadOrder(
            f"There is no permission {', '.join(sorted(unknown))}; there are "
            f"{', '.join(PERMISSIONS)}."
        )
    world.store.remember(FACT, dump(restricted(world) | {key: sorted(set(permissions))}))


def restricted(world: World) -> Json:
    """Permissions by restricted key."""
    return dict(json.loads(world.store.recall(FACT) or "{}"))


def is_known(world: World, key: str) -> bool:
    return hmac.compare_digest(key.encode(), world.key.encode()) or key in restricted(world)


def check_permission(world: World, key: str, method: str, path: str) -> None:
    """Raises ApiError 403 when the key, known already, may not do this."""
    permissions = restricted(world).get(key)
    if permissions is None:
        return
    resource = RESOURCES[path.removeprefix("/v1/").partition("/")[0]]
    needed = f"{resource}_{'read' if method == 'GET' else 'write'}"
    if needed not in permissions and f"{resource}_write" not in permissions:
        raise ApiError(
            403,
            f"The provided key '{key[:8]}{'*' * 8}' does not have the required permissions for "
            f"this endpoint on account '{ACCOUNT_ID}'. Having the 'rak_{needed}' permission "
            "would allow this request to continue.",
        )

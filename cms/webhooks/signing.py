"""The signature of a webhook: who has the secret can tell that we sent it, and when."""

import hashlib
import hmac
import secrets as random
from collections.abc import Iterable
from datetime import datetime
from typing import Final

HEADER: Final = "Webhook-Signature"


def new_secret() -> str:
    return f"whsec_{random.token_urlsafe(32)}"


def signature(*, body: bytes, secrets: Iterable[str], at: datetime) -> str:
    """``t=<seconds>,v1=<hex>``; several ``v1`` while a secret is being changed."""
    moment = int(at.timestamp())
    signed = str(moment).encode() + b"." + body
    parts = [hmac.new(one.encode(), signed, hashlib.sha256).hexdigest() for one in secrets]
    return ",".join([f"t={moment}", *(f"v1={part}" for part in parts)])

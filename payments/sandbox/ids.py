"""Identifiers in Stripe's form. They are random, so a reset never hands one out again."""

import secrets
import string

ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_session_id() -> str:
    return new_id("cs_test_a1", 56)


def new_request_id() -> str:
    return new_id("req_", 14)

"""Versions of the API. The sandbox has one; of the others it knows that they exist."""

import re

from payments.sandbox import API_VERSION
from payments.sandbox.errors import invalid

FORM = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?\Z")
KNOWN = (
    *("2020-08-27", "2022-08-01", "2022-11-15", "2023-08-16", "2023-10-16", "2024-04-10"),
    *("2024-06-20", "2024-09-30.acacia", "2024-10-28.acacia", "2024-11-20.acacia"),
    *("2024-12-18.acacia", "2025-01-27.acacia", "2025-02-24.acacia", "2025-03-31.basil"),
    *("2025-04-30.basil", "2025-05-28.basil", "2025-06-30.basil", "2025-07-30.basil"),
    *("2025-08-27.basil", "2025-09-30.clover", "2025-10-29.clover", "2025-11-17.clover"),
    *("2025-12-15.clover", "2026-01-28.clover", "2026-02-25.clover", "2026-03-25.dahlia"),
    *("2026-04-22.dahlia", "2026-05-27.dahlia", "2026-06-24.dahlia", "2026-07-29.dahlia"),
    *("2026-08-26.dahlia", "2026-09-30.endive", API_VERSION),
)


def check_version(asked: str, *, strict: bool) -> str:
    """What to tell somebody who asks for another version; nothing for the right one.

    Raises:
        ApiError: there is no such version or, when strict, it is not the sandbox's own.
    """
    if asked == API_VERSION:
        return ""
    if not FORM.match(asked):
        raise invalid(f"Invalid Stripe API version: {asked}. A version looks like {API_VERSION}.")
    if asked not in KNOWN:
        raise invalid(f"Invalid Stripe API version: {asked}")
    told = f"The sandbox has version {API_VERSION} of the API and not {asked}."
    if strict:
        raise invalid(told)
    return told

"""How jobs talk to Stripe: in no hurry, a few requests a second, and again after a 429.

The SDK repeats lost and broken answers but never a 429, and knows nothing of our pace; Stripe
allows 25 requests a second in test mode and asks for back-off with jitter.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

import stripe

TOO_MANY = 429


class Pace:
    """Lets callers through no closer together than ``seconds``, whichever thread they are in."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._free_at = 0.0

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            starts_at = max(now, self._free_at)
            self._free_at = starts_at + self.seconds
        if starts_at > now:
            time.sleep(starts_at - now)


class PatientClient(stripe.RequestsClient):
    """The SDK's own client, which also waits its turn and tries a 429 again."""

    def __init__(self, *, timeout: tuple[float, float], pace: Pace) -> None:
        super().__init__(timeout=timeout)
        self._pace = pace

    def request(self, *args: Any, **kwargs: Any) -> Any:
        self._pace.wait()
        return super().request(*args, **kwargs)

    def _should_retry(
        self,
        response: tuple[Any, int, Mapping[str, str] | None] | None,
        api_connection_error: Any,
        num_retries: int,
        max_network_retries: int | None,
    ) -> bool:
        again = super()._should_retry(
            response, api_connection_error, num_retries, max_network_retries
        )
        has_tries_left = num_retries < (max_network_retries or 0)
        limited = response is not None and response[1] == TOO_MANY
        return bool(again or (limited and has_tries_left))

"""Idempotency keys: the same request again gets the same answer, whatever it was."""

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from payments.sandbox.errors import ApiError
from payments.sandbox.shapes import Json
from payments.sandbox.store import Store, dump

KEPT_FOR = 24 * 3600


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    request_id: str
    status: int
    body: str


def fingerprint(method: str, path: str, parameters: Json) -> str:
    """Equal for equal requests, whatever the order of their parameters."""
    canonical = f"{method} {path} {_sorted(parameters)}"
    return hashlib.sha256(canonical.encode()).hexdigest()


def _sorted(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{name}:{_sorted(value[name])}" for name in sorted(value)) + "}"
    return dump(value)


class Idempotency:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._running: set[str] = set()

    @contextlib.contextmanager
    def running(self, key: str | None) -> Iterator[None]:
        """Hold the key while its request runs; a second one in that time is told so."""
        if key is None:
            yield
            return
        with self._lock:
            if key in self._running:
                raise ApiError(
                    409,
                    "There is currently another in-progress request using this Idempotent Key. "
                    "Please try again later.",
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                )
            self._running.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(key)

    def recall(self, key: str, mark: str, *, at: int) -> SavedAnswer | None:
        """The answer given before to this request, if the key is known and not too old.

        Raises:
            ApiError: the key belongs to another request.
        """
        rows = self._store.run(
            "SELECT fingerprint, request_id, status, body FROM saved_answers "
            "WHERE key = ? AND created > ?",
            (key, at - KEPT_FOR),
        )
        if not rows:
            return None
        if rows[0]["fingerprint"] != mark:
            raise ApiError(
                400,
                "Keys for idempotent requests can only be used with the same parameters they "
                f"were first used with. Try using a key other than '{key}' if you meant to "
                "execute a different request.",
                kind="idempotency_error",
            )
        return SavedAnswer(rows[0]["request_id"], rows[0]["status"], rows[0]["body"])

    def save(self, key: str, mark: str, answer: SavedAnswer, *, at: int) -> None:
        self._store.run(
            "INSERT OR REPLACE INTO saved_answers "
            "(key, fingerprint, request_id, created, status, body) VALUES (?, ?, ?, ?, ?, ?)",
            (key, mark, answer.request_id, at, answer.status, answer.body),
        )

"""Traffic written down as JSON lines, in the form that the conformance checker reads.

The key is never written: of an Authorization header only the scheme and the kind of key stay.
"""

import json
import re
import threading
import time
import urllib.parse
from pathlib import Path
from typing import Any

from payments.sandbox.shapes import Answer, Json, Request

REQUEST_HEADERS = (
    "stripe-version",
    "idempotency-key",
    "content-type",
    "authorization",
    "user-agent",
    "stripe-signature",
)
ANSWER_HEADERS = (
    "request-id",
    "content-type",
    "idempotency-key",
    "idempotent-replayed",
    "original-request",
    "stripe-version",
    "stripe-should-retry",
    "retry-after",
)
SAFE_AUTHORIZATION = re.compile(r"(?:Bearer|Basic)(?:\s+(?:sk|rk)_(?:test|live)_)?")


class Recorder:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def api(self, request: Request, answer: Answer) -> None:
        self._write(
            {
                "kind": "api",
                "method": request.method,
                "path": request.path,
                "query": urllib.parse.unquote(request.query),
                "request_headers": _kept(request.headers, REQUEST_HEADERS),
                "request_body": request.text,
                "status": answer.status,
                "response_headers": _kept(answer.headers, ANSWER_HEADERS),
                "response_body": _decoded(answer.body),
            }
        )

    def webhook(self, url: str, headers: dict[str, str], body: str, status: int | None) -> None:
        self._write(
            {
                "kind": "webhook",
                "url": url,
                "request_headers": _kept(headers, REQUEST_HEADERS),
                "request_body": body,
                "status": status,
            }
        )

    def _write(self, exchange: Json) -> None:
        line = json.dumps({"time": round(time.time(), 3), **exchange}, ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()


def _kept(headers: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    kept = {name: value for name, value in headers.items() if name.lower() in names}
    for name in kept:
        if name.lower() == "authorization":
            match = SAFE_AUTHORIZATION.match(kept[name])
            kept[name] = match.group(0) if match else "hidden"
    return kept


def _decoded(body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text

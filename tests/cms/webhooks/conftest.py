"""A receiver of webhooks that really listens, and endpoints that point at it."""

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cms.webhooks.models import Happening, WebhookEndpoint

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@dataclass
class Receiver:
    server: ThreadingHTTPServer
    answers: list[tuple] = field(default_factory=list)  # (status, body, headers); then 200
    got: list[tuple[dict, bytes]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    silent_for: float = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hooks/content"

    @property
    def told(self) -> list[dict]:
        return [json.loads(body) for _, body in self.got]

    def says(self, *answers):
        self.answers = [one if isinstance(one, tuple) else (one, b"", {}) for one in answers]


@pytest.fixture
def receiver(settings):
    settings.LOCAL_WEBHOOKS_ALLOWED = True

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((dict(self.headers), body))
            if found.silent_for:
                found.stopped.wait(found.silent_for)
                return
            status, words, headers = found.answers.pop(0) if found.answers else (200, b"ok", {})
            self.send_response(status)
            for name, value in {"Content-Length": str(len(words)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(words)

        def log_message(self, *args):
            pass

    found = Receiver(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    threading.Thread(target=found.server.serve_forever, daemon=True).start()
    yield found
    found.stopped.set()
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def endpoint(db, receiver):
    return WebhookEndpoint.objects.create(
        label="Front end", url=receiver.url, events=Happening.values
    )

"""A calendar server of the tests' own, and calendars that read from it."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from scheduling.models import BusyCalendar


@dataclass
class CalendarServer:
    """Answers each path as told; remembers what it was asked."""

    server: ThreadingHTTPServer
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def url(self, path="/busy.ics"):
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def says(self, body=b"", *, status=200, path="/busy.ics", headers=None, drip=None):
        """``drip`` sends the body byte by byte with so many seconds between."""
        self.answers[path] = (status, headers or {}, body, drip)


@pytest.fixture
def server(settings):
    settings.LOCAL_CALENDARS_ALLOWED = True
    found = serve()
    yield found
    stop(found)


def serve(wrap=None):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append((self.path, dict(self.headers)))
            status, headers, body, drip = server.answers[self.path]
            if callable(body):
                status, headers, body = body(dict(self.headers))
            self.send_response(status)
            headers = {"Content-Length": str(len(body)), "Content-Type": "text/calendar"} | headers
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # who asked has hung up
                for byte in [body] if drip is None else [bytes([one]) for one in body]:
                    self.wfile.write(byte)
                    self.wfile.flush()
                    if drip is not None and server.stopped.wait(drip):
                        return

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if wrap:
        http.socket = wrap(http.socket)
    server = CalendarServer(http)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    return server


def stop(server):
    server.stopped.set()
    server.server.shutdown()
    server.server.server_close()


def event(*lines, uid="one@elsewhere.example"):
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT", ""])


def calendar_file(*events, head=""):
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{''.join(events)}END:VCALENDAR\r\n".encode()


@pytest.fixture
def calendar(practice, server):
    return BusyCalendar.objects.create(
        therapist=practice.imre, label="Private", url=server.url("/busy.ics")
    )

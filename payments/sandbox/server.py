"""A threaded HTTP server for the application: wsgiref with a thread for each connection.

Only for one machine. wsgiref is enough for that, needs nothing installed, starts in a test's
thread on any free port, and lets a fault cut the connection.
"""

import contextlib
import ipaddress
import logging
import socket
import struct
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer
from wsgiref.types import WSGIApplication

log = logging.getLogger(__name__)
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, without waiting


class NotLoopback(ValueError):
    """The sandbox has no real protection, so it serves this machine only."""


def check_loopback(host: str) -> None:
    """Raises NotLoopback unless only this machine can reach the host."""
    if host == "localhost":
        return
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return
    raise NotLoopback(f"The Stripe sandbox serves this machine only, not {host}.")


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # WSGIServer asks the name service for the host's name here, which can take seconds.
        # The port of a server that was killed a moment ago may be taken over at once.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        socket.socket.bind(self.socket, self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("a connection broke", exc_info=True)


class Handler(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "sandbox.hang_up": self.hang_up}

    def hang_up(self) -> None:
        """Cut the connection so that the client sees a reset, not an answer."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        raise ConnectionAbortedError

    def handle(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            return
        handler = QuietHandler(
            self.rfile,
            self.wfile,  # type: ignore[arg-type]
            self.get_stderr(),
            self.get_environ(),
            multithread=True,
        )
        handler.request_handler = self  # type: ignore[attr-defined]
        handler.run(self.server.get_app())  # type: ignore[attr-defined]

    def log_message(self, *args: Any) -> None:
        """The sandbox keeps its own log, on the control page."""


class QuietHandler(ServerHandler):
    environ: dict[str, Any]

    def run(self, application: WSGIApplication) -> None:
        try:
            self.setup_environ()
            self.result = application(self.environ, self.start_response)
            self.finish_response()
        except (ConnectionAbortedError, BrokenPipeError, ConnectionResetError):
            return
        except Exception:
            log.exception("the sandbox failed")
            self.handle_error()

    def log_exception(self, exc_info: Any) -> None:
        """Logged by run."""


def make_server(application: WSGIApplication, *, host: str, port: int) -> Server:
    """A bound server; call serve_forever() on it.

    Raises:
        NotLoopback: the host can be reached from elsewhere.
        OSError: the port is taken.
    """
    check_loopback(host)
    server = Server((host, port), Handler)
    server.set_app(application)
    return server

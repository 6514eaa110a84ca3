"""A sandbox that runs in threads of this process, for tests, journeys and the demo loader."""

import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from payments.sandbox import DEFAULT_KEY, DEFAULT_WEBHOOK_SECRET
from payments.sandbox.app import SandboxApp
from payments.sandbox.control_client import SandboxControl
from payments.sandbox.server import Server, make_server


class RunningSandbox(SandboxControl):
    """`with RunningSandbox() as sandbox:` serves on a free port until the block ends.

    `.url`, `.key` and `.webhook_secret` are what a Stripe client and a webhook view need.
    Without a database it keeps its data in a temporary folder.
    """

    def __init__(
        self,
        *,
        database: Path | None = None,
        key: str = DEFAULT_KEY,
        webhook_secret: str = DEFAULT_WEBHOOK_SECRET,
        webhook_url: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        record: Path | None = None,
    ) -> None:
        super().__init__("")
        self.key = key
        self.webhook_secret = webhook_secret
        self._webhook_url = webhook_url
        self._address = (host, port)
        self._database = database
        self._record = record
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self.app: SandboxApp

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Raises NotLoopback or OSError as make_server does; nothing is left running then."""
        if self._database is None:
            self._folder = tempfile.TemporaryDirectory(prefix="stripe-sandbox-")
        database = self._database or Path(self._folder.name) / "sandbox.sqlite3"  # type: ignore[union-attr]
        host, port = self._address
        self._server = make_server(_not_ready, host=host, port=port)
        self.url = f"http://{host}:{self._server.server_port}"
        self.app = SandboxApp(
            database,
            key=self.key,
            webhook_url=self._webhook_url,
            webhook_secret=self.webhook_secret,
            public_url=self.url,
            record=self._record,
        )
        self._server.set_app(self.app)
        self.app.start()
        # The poll interval is how long stop() waits.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="sandbox-http", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join(timeout=5)
            self._server.server_close()
            self.app.stop()
            self._server = self._thread = None
        if self._folder:
            self._folder.cleanup()
            self._folder = None


def _not_ready(environ: object, start_response: object) -> list[bytes]:
    raise RuntimeError("the server listens before its application exists, but serves after")

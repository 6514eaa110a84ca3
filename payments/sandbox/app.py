"""The WSGI application: the API under /v1, the hosted checkout, and the control room."""

import base64
import json
import logging
import threading
import time
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import cast
from wsgiref.types import StartResponse, WSGIEnvironment

from payments.sandbox import (
    API_VERSION,
    DEFAULT_WEBHOOK_SECRET,
    KEY_PREFIX,
    api,
    control,
    control_page,
    keys,
    pages,
    payouts,
    webhook_endpoints,
)
from payments.sandbox.delivery import deliver_due
from payments.sandbox.errors import ApiError, invalid, not_allowed
from payments.sandbox.faults import Fault, broken, lost, struck
from payments.sandbox.idempotency import Idempotency, SavedAnswer, fingerprint
from payments.sandbox.ids import new_request_id
from payments.sandbox.jobs import run_due
from payments.sandbox.origins import comes_from_elsewhere
from payments.sandbox.params import parse_form, read
from payments.sandbox.recording import Recorder
from payments.sandbox.shapes import Answer, Json, Request
from payments.sandbox.versions import check_version
from payments.sandbox.world import Caller, World, open_world

log = logging.getLogger(__name__)

JSON_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-cache, no-store"}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
LOG_KEEPS = 1000
LONGEST_KEY = 255
TICK = 0.25  # real seconds between two looks at what is due


class SandboxApp:
    """`app(environ, start_response)` serves; `start()` adds the thread that makes time pass."""

    def __init__(
        self,
        database: Path,
        *,
        key: str,
        webhook_url: str | None = None,
        webhook_secret: str = DEFAULT_WEBHOOK_SECRET,
        public_url: str | None = None,
        record: Path | None = None,
    ) -> None:
        """Raises ValueError for a key that could belong to a real account."""
        if not key.startswith(KEY_PREFIX):
            raise ValueError(f"The sandbox only takes keys that begin with {KEY_PREFIX}.")
        recorder = Recorder(record) if record else None
        self.webhook_secret = webhook_secret
        self.world = open_world(
            database, key=key, public_url=(public_url or "").rstrip("/"), recorder=recorder
        )
        self.idempotency = Idempotency(self.world.store)
        self._stopped = threading.Event()
        self._ticker: threading.Thread | None = None
        with self.world.store.transaction():
            if not self.world.store.run("SELECT 1 FROM jobs WHERE name = ?", (payouts.JOB,)):
                payouts.plan_next(self.world, after=self.world.now)
            if webhook_url:
                self.set_webhook(webhook_url)

    def set_webhook(self, url: str | None, secret: str | None = None, *, overlap: int = 0) -> None:
        """Send every event to this address, or to none; other endpoints are left alone."""
        self.webhook_secret = secret or self.webhook_secret
        with self.world.store.transaction():
            webhook_endpoints.set_own_endpoint(
                self.world, url, self.webhook_secret, overlap=overlap, at=self.world.now
            )

    # time passes -------------------------------------------------------------------------
    def start(self) -> None:
        self._ticker = threading.Thread(target=self._tick, name="sandbox-clock", daemon=True)
        self._ticker.start()

    def stop(self) -> None:
        self._stopped.set()
        self.world.something_to_do.set()
        if self._ticker:
            self._ticker.join(timeout=15)
        self.world.store.close()
        if self.world.recorder:
            self.world.recorder.close()

    def _tick(self) -> None:
        while not self._stopped.is_set():
            try:
                self.catch_up()
                deliver_due(self.world)
            except Exception:
                # Time must go on: the next tick tries again, and the log tells why.
                log.exception("the sandbox could not do what was due")
            self.world.something_to_do.wait(TICK)
            self.world.something_to_do.clear()

    def catch_up(self) -> None:
        """Do what is due. The moment is read inside: the clock may be set back while we wait."""
        with self.world.store.transaction():
            run_due(self.world, upto=self.world.now)

    # serving -----------------------------------------------------------------------------
    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = _request_from(environ)
        answer = self.handle(request)
        if answer.hang_up and "sandbox.hang_up" in environ:
            environ["sandbox.hang_up"]()
            return []
        reason = HTTPStatus(answer.status).phrase
        headers = {**answer.headers, "Content-Length": str(len(answer.body))}
        start_response(f"{answer.status} {reason}", list(headers.items()))
        return [answer.body]

    def handle(self, request: Request) -> Answer:
        if not _is_local(request.header("host") or "", self.world.public_url):
            return _json(403, {"error": {"message": "The sandbox answers on this machine only."}})
        if request.path.startswith("/v1/"):
            answer = self._handle_api(request)
            if self.world.recorder and not answer.hang_up:
                self.world.recorder.api(request, answer)
            return answer
        if request.path.startswith("/c/pay/"):
            return pages.handle(self.world, request)
        if request.path.startswith("/static/"):
            return pages.static_file(request.path.removeprefix("/static/"))
        if request.path == "/" or request.path.startswith(("/_sandbox/", "/room/")):
            if request.method != "GET" and comes_from_elsewhere(request):
                return _json(403, {"error": "Only the sandbox's own pages may do that."})
            if request.path.startswith("/_sandbox/"):
                return control.handle(self, request)
            return control_page.handle(self, request)
        return _error(ApiError(404, _unrecognised(request)), new_request_id())

    # the API -----------------------------------------------------------------------------
    def _handle_api(self, request: Request) -> Answer:
        started, request_id = time.monotonic(), new_request_id()
        try:
            answer = self._checked(request, request_id)
            note = ""
        except ApiError as problem:
            answer, note = _error(problem, request_id), problem.message
        answer.headers = {
            **JSON_HEADERS,
            "Request-Id": request_id,
            "Stripe-Version": API_VERSION,
            **answer.headers,
        }
        key = request.header("idempotency-key")
        if request.method == "POST" and key:
            answer.headers["Idempotency-Key"] = key
        self._log(request, answer, started, note)
        return answer

    def _checked(self, request: Request, request_id: str) -> Answer:
        """Who asks, for what, and whether something breaks before anything is done."""
        api_key = _authenticate(request, self.world)
        asked = request.header("stripe-version") or API_VERSION
        notice = check_version(asked, strict=self.world.behaviour.strict_versions)
        found = api.find_endpoint(request.method, request.path)
        if found is None:
            raise ApiError(404, _unrecognised(request))
        keys.check_permission(self.world, api_key, request.method, request.path)
        fault = self.world.faults.take(request.method, request.path)
        if fault and fault.strikes_before:
            return struck(fault)
        key = request.header("idempotency-key") if request.method == "POST" else None
        if key and len(key) > LONGEST_KEY:
            raise invalid(f"Idempotency keys have up to {LONGEST_KEY} characters.")
        sent = parse_form(request.query) | parse_form(request.text)
        with self.idempotency.running(key):
            if fault and fault.kind == "slow":
                time.sleep(fault.seconds)
            answer = self._execute(request, request_id, found, sent, key, fault)
        if notice:
            answer.headers["Stripe-Notice"] = notice
        return lost(fault, answer) if fault else answer

    def _execute(
        self,
        request: Request,
        request_id: str,
        found: tuple[api.Endpoint, str],
        sent: Json,
        key: str | None,
        fault: Fault | None,
    ) -> Answer:
        world, (endpoint, ident) = self.world, found
        with world.store.transaction():
            now = world.now
            run_due(world, upto=now)
            mark = fingerprint(request.method, request.path, sent)
            if key and (saved := self.idempotency.recall(key, mark, at=now)):
                return _replayed(saved)
            given = read(sent, endpoint.fields, endpoint.required)
            world.caller = Caller(request_id, key)
            try:
                answer = _json(200, api.answer(world, endpoint, ident, given, at=now))
            except ApiError as problem:
                if not problem.executed:
                    raise
                answer = _error(problem, request_id)
            finally:
                world.caller = Caller()
            if fault and fault.kind == "500_after":
                answer = _error(broken(), request_id)
            if key:
                kept = SavedAnswer(request_id, answer.status, answer.body.decode())
                self.idempotency.save(key, mark, kept, at=now)
        return answer

    def _log(self, request: Request, answer: Answer, started: float, note: str) -> None:
        took = round((time.monotonic() - started) * 1000)
        store = self.world.store
        store.run(
            "INSERT INTO log (at, method, path, status, request_id, idempotency_key, took_ms, "
            "note) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.world.now,
                request.method,
                request.path + (f"?{request.query}" if request.query else ""),
                0 if answer.hang_up else answer.status,
                answer.headers["Request-Id"],
                request.header("idempotency-key") or "",
                took,
                note,
            ),
        )
        store.run("DELETE FROM log WHERE id <= (SELECT max(id) FROM log) - ?", (LOG_KEEPS,))


# reading and writing HTTP ----------------------------------------------------------------


def _request_from(environ: WSGIEnvironment) -> Request:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    headers = {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = str(environ["CONTENT_TYPE"])
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", "") or "/",
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=cast("bytes", environ["wsgi.input"].read(length)) if length else b"",
    )


def _is_local(host: str, public_url: str) -> bool:
    # Against pages elsewhere whose name is made to point at this machine.
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name in LOOPBACK or (bool(public_url) and f"//{host}" in public_url)


def _authenticate(request: Request, world: World) -> str:
    """The key, when it is one of ours."""
    scheme, _, given = (request.header("authorization") or "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[0]
        except ValueError:
            given = ""
    if not given.strip():
        raise not_allowed(
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
            "YOUR_SECRET_KEY')."
        )
    if not keys.is_known(world, given.strip()):
        raise not_allowed(f"Invalid API Key provided: {given[:8]}{'*' * 8}")
    return given.strip()


def _unrecognised(request: Request) -> str:
    return f"Unrecognized request URL ({request.method}: {request.path})."


def _json(status: int, body: Json) -> Answer:
    return Answer(status, json.dumps(body, ensure_ascii=False, indent=2).encode(), {**JSON_HEADERS})


def _error(problem: ApiError, request_id: str) -> Answer:
    answer = _json(problem.status, problem.body(request_id))
    if problem.retry:
        answer.headers["Stripe-Should-Retry"] = problem.retry
    return answer


def _replayed(saved: SavedAnswer) -> Answer:
    headers = {"Idempotent-Replayed": "true", "Original-Request": saved.request_id}
    return Answer(saved.status, saved.body.encode(), headers)

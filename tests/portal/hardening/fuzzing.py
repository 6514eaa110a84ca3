"""Hostile requests to every address, answered in process, each in a transaction that is undone.

``python -m tests.fuzz 20000`` sends many; the suite sends a share of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.db import transaction
from django.forms import Form, ModelForm
from django.forms.forms import BaseForm
from django.http import HttpResponse
from django.test import Client

from tests.portal.hardening import hostile
from tests.portal.hardening.routes import Route, routes
from tests.portal.hardening.world import World

BACKEND = "django.contrib.auth.backends.ModelBackend"
HOSTS = (
    "testserver",
    "localhost",
    f"{hostile.ELSEWHERE}",
    "testserver:99999",
    "a b",
    "",
    "[::1",
    "x" * 300,
)
LEAKS = re.compile(
    rb"Traceback \(most recent|/site-packages/|django\.db\.|sqlite3\.|psycopg|RecursionError|"
    rb"root:x:0:0|near \"[^\"]*\": syntax error",
)  # fmt: skip
QUESTIONS = (
    "q", "p", "page", "next", "day", "month", "start", "end", "on", "tz", "variant", "location",
    "therapist", "limit", "offset", "fields", "search", "order", "ordering", "type", "locale",
    "format", "export", "explain", "starts_at", "runner", "token", "slot", "collection_id",
    "chooser", "page_type", "url", "html_path", "path", "process", "code", "days", "series",
    "every_weeks", "further", "topic", "sort", "id", "usage_count", "tag",
)  # fmt: skip
NEVER = re.compile(r"^/(?:mailbox|styleguide)/")  # of the demo only


@dataclass(frozen=True)
class Asked:
    """One request, so that it can be told and sent again."""

    who: str
    method: str
    path: str
    body: bytes
    kind: str
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        start = f"{self.who} {self.method} {self.path[:300]}"
        return f"{start} {self.kind} {self.body[:300]!r} {self.headers}"


class Fuzzer:
    """Draws requests by a seed and says what is wrong with an answer."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.rng = world, Random(seed)
        self.routes = [route for route in routes() if not NEVER.match(route.shape)]
        self.fields = sorted(_form_fields())
        self.operations = _operations()
        self.clients = {"anybody": Client(raise_request_exception=False)}
        for who in ("runner", "staff"):
            client = Client(raise_request_exception=False)
            client.force_login(getattr(world, who), backend=BACKEND)
            self.clients[who] = client
        self.cookies = {who: dict(client.cookies) for who, client in self.clients.items()}

    def faults(self, requests: int) -> Iterator[str]:
        for _ in range(requests):
            asked = self.draw()
            answer = self.send(asked)
            for wrong in judged(answer):
                yield f"{wrong}\n    {asked}"

    def draw(self) -> Asked:
        rng = self.rng
        route = rng.choice(self.routes)
        who = rng.choice(("anybody", "runner", "staff"))
        method = rng.choice(hostile.METHODS)
        if known := self.operations.get(_bare(route.shape)):
            method = rng.choice([*known, *known, method])
        path = self._path(route) + self._question()
        body, kind = self._body(method, _bare(route.shape))
        names = rng.sample(hostile.HEADERS, rng.choice((0, 0, 1, 2, 4)))
        headers = {f"HTTP_{name}": hostile.header_value(rng, name) for name in names}
        if rng.random() < 0.05:
            headers["HTTP_HOST"] = rng.choice(HOSTS)
        return Asked(who, method, path, body, kind, headers)

    def send(self, asked: Asked) -> HttpResponse:
        client = self.clients[asked.who]
        client.cookies.clear()
        client.cookies.update(self.cookies[asked.who])
        undone = transaction.atomic()
        undone._from_testcase = True  # acts that are durable may stand in it
        with undone:
            answer = client.generic(
                asked.method, asked.path, asked.body, asked.kind, **asked.headers
            )
            answer.fuzzed_body = (
                b"".join(answer.streaming_content) if answer.streaming else answer.content
            )
            transaction.set_rollback(True)
        return answer

    def _path(self, route: Route) -> str:
        def value(name: str) -> str:
            if self.rng.random() < 0.6:
                return self.world.value(name, route.shape)
            return quote(hostile.text(self.rng).encode("utf-8", "surrogatepass"), safe="/:@")

        path = route.filled(value)
        if self.rng.random() < 0.05:
            path += self.rng.choice(("%ff", "%00", "//", "/..", ".", "%2e%2e/", "?", "%", ";x=1"))
        return (
            path if path.startswith("/") and not path.startswith("//") else f"/{path.lstrip('/')}"
        )

    def _question(self) -> str:
        rng = self.rng
        if rng.random() < 0.4:
            return ""
        names = rng.sample(QUESTIONS, rng.randrange(1, 5)) + rng.sample(
            self.fields, rng.randrange(2)
        )
        pairs = [(name, hostile.text(rng).encode("utf-8", "surrogatepass")) for name in names]
        return "?" + urlencode(pairs) + rng.choice(("", "", "", "&%ff=%fe", "&a[]=1", "&&"))

    def _body(self, method: str, shape: str) -> tuple[bytes, str]:
        rng = self.rng
        if method in ("GET", "HEAD", "OPTIONS", "get") and rng.random() < 0.9:
            return b"", "application/octet-stream"
        if rng.random() < 0.15:
            return rng.choice(hostile.RAW), rng.choice(hostile.TYPES)
        like = self.operations.get(shape, {}).get(method, {})
        if like or (shape.startswith(("/api/", "/_allauth/")) and rng.random() < 0.9):
            return hostile.as_bytes(hostile.body_of(rng, self.fields, like)), "application/json"
        names = rng.sample(self.fields, min(len(self.fields), rng.randrange(1, 12)))
        pairs = [(name, hostile.text(rng).encode("utf-8", "surrogatepass")) for name in names]
        return urlencode(pairs).encode(), "application/x-www-form-urlencoded"


def judged(answer: HttpResponse) -> list[str]:
    """What an answer should not have been or said."""
    wrong = []
    body = answer.fuzzed_body
    # A 503 that a view gives on purpose says that Stripe, the mail or the worker is away.
    on_purpose = answer.status_code == 503 and not getattr(answer, "exc_info", None)
    if answer.status_code >= 500 and not on_purpose:
        wrong.append(f"{answer.status_code}: {_error(answer)}")
    if LEAKS.search(body) or settings.SECRET_KEY.encode() in body:
        wrong.append("a leak")
    page = answer.headers.get("Content-Type", "").startswith("text/html")
    if (page and hostile.MARKUP.encode() in body) or "X-Fuzz" in answer:
        wrong.append("an echo")
    if _leads_elsewhere(answer.headers.get("Location", "")):
        wrong.append(f"a redirect to {answer.headers['Location'][:80]}")
    if "nosniff" not in answer.get("X-Content-Type-Options", "") or not answer.get(
        "Content-Security-Policy"
    ):
        wrong.append("headers missing")
    return wrong


def _leads_elsewhere(location: str) -> bool:
    """As a browser reads it: tabs vanish, a backslash is a slash."""
    seen = re.sub(r"[\t\r\n]", "", location.strip()).replace("\\", "/")
    return bool(
        re.match(rf"(?:[a-z]+:)?/*[^/]*{re.escape(hostile.ELSEWHERE)}", seen, re.I)
    ) and not (urlsplit(seen).netloc in ("testserver", "localhost") or re.match(r"/[^/]", seen))


def _error(answer: HttpResponse) -> str:
    if not getattr(answer, "exc_info", None):
        return "no exception"
    kind, error, trace = answer.exc_info
    while trace.tb_next:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return f"{kind.__name__} {str(error)[:200]!r} in {code.co_filename}:{trace.tb_lineno}"


def _form_fields() -> set[str]:
    """The names of every form that is loaded."""
    found: set[str] = set()
    waiting: list[type[BaseForm]] = [Form, ModelForm]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found |= set(getattr(kind, "base_fields", {}))
    return found


def _bare(shape: str) -> str:
    """Names of parts differ between the URLconf and the API's description."""
    return re.sub(r"%\(\w+\)s", "*", shape)


def _operations() -> dict[str, dict[str, dict[str, Any]]]:
    """For each address of the API its methods, and for each field of its body what it is like."""
    from wagtail.api.v3.api import api

    schema = api.get_openapi_schema()
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        known = found.setdefault(re.sub(r"\{\w+\}", "*", path), {})
        for method, operation in methods.items():
            known[method.upper()] = _fields_of(operation, schema)
    return found


def _fields_of(operation: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    shape = content.get("schema", {})
    if "$ref" in shape:
        shape = schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    return {name: _maker(one) for name, one in shape.get("properties", {}).items()}


def _maker(one: dict[str, Any]) -> Any:
    kind = one.get("type")
    if "enum" in one:
        return lambda rng: rng.choice(one["enum"])
    if kind == "integer":
        return lambda rng: rng.choice((0, 1, 2, -1, 10**9, 2**63))
    if kind == "boolean":
        return lambda rng: rng.random() < 0.5
    if kind == "array":
        return lambda rng: [hostile.odd(rng) for _ in range(rng.randrange(3))]
    if one.get("format") == "uuid":
        return lambda rng: "00000000-0000-4000-8000-000000000000"
    if one.get("format") == "date-time":
        return lambda rng: rng.choice(
            ("2027-03-28T01:30:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z")
        )
    return hostile.text

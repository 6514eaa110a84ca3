"""Every address and every operation, and how each is asked."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.files.base import ContentFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, RoutePattern

from tests.cms.files import image
from tests.portal.matrix.describing import described, fields_of, plain
from tests.portal.matrix.naming import FORMS, MORE, OWNED, QUERIES, kind_of, named_in, word_for
from tests.portal.matrix.rows import NOBODY, one_of
from tests.portal.matrix.views import methods_of_view, model_of_view

PARAMETER = re.compile(r"{(\w+)}")
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Asked:
    """One method of one address."""

    method: str
    route: str
    operation: dict[str, Any] = field(default_factory=dict, compare=False)
    model: Any = field(default=None, compare=False)  # of which the page shows one

    @property
    def row(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def is_of_staff(self) -> bool:
        return self.route.startswith(("staff/", "api/v1/staff/"))

    @property
    def by_token(self) -> bool:
        """Whether a session opens nothing there: programs ask with a token."""
        ways = {way for one in self.operation.get("security") or [] for way in one}
        return ways == {"ContentToken"}

    @cached_property
    def owned(self) -> frozenset[str]:
        """What of it belongs to somebody, in the address or in what is sent."""
        names = [*PARAMETER.findall(self.route), *fields_of(self._json())]
        return frozenset(kind_of(self.route, one) for one in names) & OWNED

    def address(self, things: dict[str, Any]) -> str:
        path = PARAMETER.sub(lambda found: self._value(found[1], things), self.route)
        named = named_in(self.route, things)
        needed = {
            one["name"]: plain(one["schema"], named, one["name"])
            for one in self.operation.get("parameters", [])
            if one["in"] == "query" and one.get("required")
        }
        query = urlencode(needed) or QUERIES.get(self.route, "").format_map(things)
        return f"/{path}?{query}" if query else f"/{path}"

    def body(self, things: dict[str, Any]) -> tuple[str, bytes]:
        """What kind of thing the operation reads, and the least of it."""
        asked = self.operation.get("requestBody", {}).get("content", {})
        if "multipart/form-data" in asked:
            file = ContentFile(b"Date,Amount", name="statement.csv")
            if "images" in self.route:
                file = ContentFile(image(), name="a.png")
            sent = {"file": file, "title": "A file", "collection_id": things["collection"]}
            return MULTIPART_CONTENT, encode_multipart(BOUNDARY, sent)
        if schema := self._json():
            read = plain(schema, named_in(self.route, things))
            for name, value in MORE.get(self.row, {}).items():
                read[name] = value.format_map(things) if isinstance(value, str) else value
            return "application/json", json.dumps(read).encode()
        if self.route.startswith("_allauth/") and self.method != "GET":
            return "application/json", b"{}"
        typed = FORMS.get(self.route, "") if self.method == "POST" else ""
        return FORM, typed.format_map(things).encode()

    def nothing(self, things: dict[str, Any]) -> dict[str, Any]:
        """The same things, but what of them is owned does not exist."""
        gone = {
            kind: 10**8 if isinstance(things[kind], int) else _other(things[kind])
            for kind in self.owned
        }
        return things | gone

    def _json(self) -> dict[str, Any]:
        asked = self.operation.get("requestBody", {}).get("content", {})
        schema: dict[str, Any] = asked.get("application/json", {}).get("schema", {})
        return schema

    def _value(self, name: str, things: dict[str, Any]) -> str:
        if kind := kind_of(self.route, name):
            return str(things[kind])
        for one in self.operation.get("parameters", []):
            if one["name"] == name and "enum" in one["schema"]:
                return str(one["schema"]["enum"][0])
        if self.model is not None and name in ("pk", "object_id"):
            return str(one_of(self.model).pk)
        return word_for(self.route, name)


def _other(value: object) -> object:
    return NOBODY if isinstance(value, uuid.UUID) else "none"


def pages() -> Iterator[Asked]:
    """Every address of the site, and each method that its view answers by itself.

    Expressions that catch whatever is left have no address of their own.
    """
    seen = set()
    for route, view in _routes(get_resolver(), ""):
        if route.startswith(("api/", "_allauth/openapi")) or "(" in route or "*" in route:
            continue
        for method in methods_of_view(view, route):
            if (method, route) not in seen:  # some are there twice, the first one counts
                seen.add((method, route))
                yield Asked(method, route, model=model_of_view(view))


def operations() -> Iterator[Asked]:
    for route, methods in described()["paths"].items():
        for method, operation in methods.items():
            yield Asked(method.upper(), route.lstrip("/"), operation)


def _routes(resolver: URLResolver, before: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        route = before + _plain(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        else:
            yield route, pattern.callback


def _plain(pattern: RoutePattern | RegexPattern | LocalePrefixPattern) -> str:
    """A route or an expression as one writes it down: ``staff/bookings/{public_id}/``."""
    plain = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"{\1}", str(pattern))
    plain = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", plain)
    return re.sub(r"\\Z|[\\^$]", "", plain) if isinstance(pattern, RegexPattern) else plain

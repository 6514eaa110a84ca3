"""Every address and every operation, and how each is asked."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.core.files.base import ContentFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, RoutePattern
from wagtail.api.v3.api import api

from tests.portal.matrix.world import NOBODY
from tests.portal.test_parity import URLCONFS, methods_of

PARAMETER = re.compile(r"{(\w+)}")
# What a parameter names, by the beginning of the address; the first that fits.
NAMED = (
    ("staff/bookings/", "public_id", "booking"),
    ("staff/runners/", "public_id", "runner"),
    ("staff/lots/", "public_id", "lot"),
    ("staff/orders/{public_id}/gift", "public_id", "gift_order"),
    ("staff/orders/", "public_id", "order"),
    ("staff/notes/", "public_id", "note"),
    ("staff/merges/", "public_id", "merge"),
    ("staff/blocks/", "pk", "block"),
    ("staff/calendars/", "pk", "calendar"),
    ("staff/bank/lines/", "pk", "bank_line"),
    ("staff/documents/", "pk", "document"),
    ("staff/refunds/proposals/", "pk", "proposal"),
    ("staff/mismatches/", "pk", "mismatch"),
    ("staff/periods/", "pk", "period"),
    ("staff/journal/", "pk", "entry_of_journal"),
    ("staff/adjustments/", "pk", "adjustment"),
    ("staff/transactions/", "pk", "transaction"),
    ("staff/charges/", "pk", "charge"),
    ("staff/accounts/", "role", "account_role"),
    ("staff/invariants/", "code", "invariant"),
    ("staff/reports/", "code", "report"),
    ("account/races/", "public_id", "race"),
    ("", "race_id", "race"),
    ("", "webhook_id", "endpoint"),
    ("orders/{public_id}/gift", "public_id", "gift_order"),
    ("orders/", "public_id", "order"),
    ("gifts/", "public_id", "gift_order"),
    ("book/", "public_id", "hold"),
    ("bookings/", "public_id", "booking"),
    ("series/", "public_id", "series"),
    ("waitlist/", "public_id", "entry"),
    ("calendars/", "token", "feed"),
    ("packages/", "code", "package"),
    ("book/", "variant_code", "variant"),
    ("api/v1/staff/orders/{order_id}/gift", "order_id", "gift_order"),
    ("api/v1/orders/{order_id}/gift", "order_id", "gift_order"),
    ("api/v1/staff/accounts/", "role", "account_role"),
    ("api/v1/staff/journal/", "entry_id", "entry_of_journal"),
    ("api/v1/gifts/", "gift_id", "gift_order"),
    ("", "booking_id", "booking"),
    ("", "runner_id", "runner"),
    ("", "client_id", "runner"),
    ("", "note_id", "note"),
    ("", "merge_id", "merge"),
    ("", "lot_id", "lot"),
    ("", "order_id", "order"),
    ("", "hold_id", "hold"),
    ("", "series_id", "series"),
    ("", "entry_id", "entry"),
    ("", "calendar_id", "calendar"),
    ("", "block_id", "block"),
    ("", "line_id", "bank_line"),
    ("", "document_id", "document"),
    ("api/v1/staff/adjustments/", "proposal_id", "adjustment"),
    ("", "proposal_id", "proposal"),
    ("", "mismatch_id", "mismatch"),
    ("", "dispute_id", "dispute"),
    ("", "refund_id", "refund"),
    ("", "payout_id", "payout"),
    ("", "event_id", "event"),
    ("", "page_id", "page"),
    ("", "site_id", "site"),
    ("", "locale_id", "locale"),
    ("", "delivery_id", "delivery"),
    ("", "package", "package"),
)
OWNED = frozenset(
    {
        "booking",
        "calendar",
        "entry",
        "gift_order",
        "hold",
        "lot",
        "note",
        "order",
        "race",
        "runner",
        "series",
    }
)


@dataclass(frozen=True)
class Asked:
    """One method of one address."""

    method: str
    route: str
    operation: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def row(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def owned(self) -> list[str]:
        """What of it belongs to somebody."""
        return [
            kind for name in PARAMETER.findall(self.route) if (kind := self._kind(name)) in OWNED
        ]

    def address(self, things: dict[str, Any]) -> str:
        path = PARAMETER.sub(lambda found: self._value(found[1], things), self.route)
        needed = {
            one["name"]: plain(one["schema"], things, one["name"])
            for one in self.operation.get("parameters", [])
            if one["in"] == "query" and one.get("required")
        }
        query = urlencode(needed) or next(
            (one for route, one in QUERIES.items() if self.route in (f"{route}/", f"{route}.csv")),
            "",
        )
        return f"/{path}?{query}" if query else f"/{path}"

    def body(self, things: dict[str, Any]) -> tuple[str, bytes]:
        """What kind of thing the operation reads, and the least of it."""
        asked = self.operation.get("requestBody", {}).get("content", {})
        if "multipart/form-data" in asked:
            file = ContentFile(b"Date,Amount", name="statement.csv")
            return MULTIPART_CONTENT, encode_multipart(BOUNDARY, {"file": file})
        if "application/json" in asked:
            sent = plain(asked["application/json"]["schema"], things)
            return "application/json", json.dumps(sent).encode()
        return FORM, b""

    def address_of_nothing(self, things: dict[str, Any]) -> str:
        """The same, where what is owned by somebody does not exist."""
        gone = {
            kind: 10**8 if isinstance(things[kind], int) else _other(things[kind])
            for kind in self.owned
        }
        return self.address(things | gone)

    def _kind(self, name: str) -> str:
        fits = (k for begins, n, k in NAMED if n == name and self.route.startswith(begins))
        return next(fits, "")

    def _value(self, name: str, things: dict[str, Any]) -> str:
        if kind := self._kind(name):
            return str(things[kind])
        for one in self.operation.get("parameters", []):
            if one["name"] == name and "enum" in one["schema"]:
                return str(one["schema"]["enum"][0])
        return PLAIN.get(name, "1")


@cache
def _described() -> dict[str, Any]:
    return api.get_openapi_schema()


FORM = "application/x-www-form-urlencoded"
PLAIN = {
    "public_id": str(NOBODY),
    "token": "none",
    "slug": "none",
    "code": "none",
    "type": "none",
    "name": "payouts",  # of a table; of mails that are not kept on disk, any
    "kind": "csv",
}
# What an address cannot be asked without, beside what it names.
QUERIES = {
    "staff/transactions": "of=taken",
    "staff/credits": "what=sold",
}


def _other(value: object) -> object:
    return NOBODY if isinstance(value, uuid.UUID) else "none"


def pages() -> Iterator[Asked]:
    """Every address of the site; of the Wagtail admin those that name nothing."""
    ours = {
        pattern.callback: methods_of(pattern.callback)
        for urls in URLCONFS.values()
        for pattern in urls.urlpatterns
    }
    for route, view in _routes(get_resolver(), ""):
        if route.startswith(("api/", "_allauth/openapi")) or "(" in route:
            continue
        if route.startswith("admin/") and PARAMETER.search(route):
            continue
        if (
            "GET" in (methods := ours.get(view, ["GET"]))
            or view not in ours
            or methods == ["POST", "GET"]
        ):
            yield Asked("GET", route)
        if view in ours and "POST" in methods:
            yield Asked("POST", route)


def admin_pages_about_something() -> Iterator[str]:
    """Addresses of the Wagtail admin with a parameter, filled in plainly."""
    for route, _view in _routes(get_resolver(), ""):
        if route.startswith("admin/") and PARAMETER.search(route) and "(" not in route:
            yield "/" + PARAMETER.sub("1", route)


def operations() -> Iterator[Asked]:
    for route, methods in _described()["paths"].items():
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


def plain(schema: dict[str, Any], things: dict[str, Any], name: str = "") -> Any:
    """The least that an operation reads without complaint."""
    if "$ref" in schema:
        whole = _described()["components"]["schemas"]
        return plain(whole[schema["$ref"].rpartition("/")[2]], things, name)
    if name in things and schema.get("type") == "string":
        return str(things[name])
    if several := schema.get("anyOf") or schema.get("allOf") or schema.get("oneOf"):
        return plain(several[0], things, name)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            wanted = schema.get("required", [])
            return {one: plain(schema["properties"][one], things, one) for one in wanted}
        case "array":
            return [plain(schema["items"], things, name)] if schema.get("minItems") else []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
    return TEXTS.get(schema.get("format", ""), "GBP" if name == "currency" else "x")


TEXTS = {
    "uuid": str(NOBODY),
    "date": "2030-01-01",
    "date-time": "2030-01-01T10:00:00Z",
    "email": "somebody@example.org",
    "time": "10:00",
}

"""Values that nobody sends by accident, drawn by a generator with a seed."""

import json
from random import Random
from typing import Any

MARKUP = "<fuzz9x>"  # never to be seen like this in a page
ELSEWHERE = "evil.example"

TEXTS = (
    "", " ", "0", "-1", "1", "true", "null", "None", "undefined", "NaN", "Infinity", "1e999",
    "9" * 400, "-" + "9" * 30, "1.5", "0x10", "٣", "²", "1_000", "+1", "\t1\n", "a" * 5000,
    "é" * 300, "🏃🏽‍♀️" * 40, "\u202eevil\u202c", "ﷺ", "İ", "ß", "\u0301" * 50, "\ufeff", "\ufffe",
    "\x7f", "\x1b[31m", "'", '"', "' OR 1=1 --", "\\", "%", "%s%n", "%(x)s", "{0}", "{{7*7}}",
    "${7*7}", "../../etc/passwd", "..\\..\\x", "/etc/passwd", "file:///etc/passwd", "C:\\x",
    "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", f'"\'>{MARKUP}',
    f"{MARKUP}<script>alert(1)</script>", f"javascript:alert('{MARKUP}')", f"</title>{MARKUP}",
    f"--><svg onload=alert(1)>{MARKUP}", "x\r\nX-Fuzz: 1", "x\nX-Fuzz: 1", "\0", "a\0b",
    f"//{ELSEWHERE}", f"https://{ELSEWHERE}/", f"///{ELSEWHERE}", f"/\\{ELSEWHERE}",
    f"\\\\{ELSEWHERE}", f"https:{ELSEWHERE}", f"/%09/{ELSEWHERE}", f"/\t/{ELSEWHERE}",
    f"http:///{ELSEWHERE}", f"https://testserver@{ELSEWHERE}", f"//{ELSEWHERE}%2f..",
    f"%2f%2f{ELSEWHERE}", "data:text/html,x", "2026-02-30", "2027-03-28T01:30",
    "2027-03-28T01:30:00+99:99", "0000-00-00", "9999-12-31", "10000-01-01", "0001-01-01",
    "9999-12-31T23:59:59+14:00", "2027-W53-7", "25:61", "Europe/Nowhere", "../../etc/localtime",
    "00000000-0000-4000-8000-000000000000", "{}", "[]", '{"a":1}', "a@b", "a" * 300 + "@b.cc",
    "ana@example.org", "Ana@EXAMPLE.org", "\u0430na@example.org", "1' AND SLEEP(5)", "*", "(((((",
    "[a-", "(?:a+)+$", "next", "-created_at", "password", "user__password", "pk__in", "id",
    "__class__", "csv", "xlsx", "json",
)  # fmt: skip
ODD_JSON: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 1.5, -0.0, 1e308, [], {},
    [[]], [None], {"": ""}, {"__proto__": 1}, [0] * 500, "\ud800", {"id": {"id": {"id": 1}}},
)  # fmt: skip
RAW = (
    b"", b"{", b"[" * 5000, b'{"a":' * 3000, b"\xff\xfe\x00", b'"\xed\xa0\x80"', b'{"a":1,"a":2}',
    b"NaN", b"1" * 100_000, b'{"a":"\\ud800"}', b'{"a":"\\u0000"}', b"\x1f\x8b\x08\x00junk",
    b"<?xml version='1.0'?>" b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
    b"--x\r\nContent-Disposition: form", b"a=%ff&b=%00", b"&&&===", b"a=1&" * 1500, b"null", b'""',
    b"[]", b"true",
)  # fmt: skip
TYPES = (
    "application/json", "application/json; charset=utf-16", "application/json; charset=nonsense",
    "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x",
    "text/plain", "application/xml", "application/octet-stream", "", "/", "application/json;;;",
    "image/png", "text/csv",
)  # fmt: skip
METHODS = (
    "GET", "GET", "GET", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS",
    "TRACE", "PROPFIND", "get", "BREW",
)  # fmt: skip
HEADERS = (
    "ACCEPT", "ACCEPT_LANGUAGE", "ACCEPT_ENCODING", "AUTHORIZATION", "X_SESSION_TOKEN",
    "IDEMPOTENCY_KEY", "IF_MATCH", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "RANGE", "ORIGIN",
    "REFERER", "X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "X_REQUESTED_WITH",
    "HX_REQUEST", "HX_CURRENT_URL", "HX_TARGET", "STRIPE_SIGNATURE", "X_CSRFTOKEN", "COOKIE",
    "USER_AGENT", "CONTENT_ENCODING", "X_HTTP_METHOD_OVERRIDE", "ACCESS_CONTROL_REQUEST_METHOD",
)  # fmt: skip
LIKELY = {
    "ACCEPT": ("text/html", "application/json", "*/*;q=x", "text/markdown", ",,,;"),
    "AUTHORIZATION": ("Bearer x", "Bearer ", "Basic !!!", "Token " + "a" * 3000),
    "RANGE": ("bytes=0-", "bytes=-1", "bytes=9999999999999999999-", "bytes=a-b", "bytes=0-0,1-1"),
    "X_REQUESTED_WITH": ("XMLHttpRequest",), "HX_REQUEST": ("true",),
    "COOKIE": (
        "session=x; csrf=y", "session=" + "a" * 4000, "messages=x; session=../../x", "=;=;=",
        "a" * 9000,
    ),
    "IF_MODIFIED_SINCE": ("Thu, 99 Foo 9999 99:99:99 GMT", "x"),
}  # fmt: skip


def text(rng: Random) -> str:
    if rng.random() < 0.85:
        return rng.choice(TEXTS)
    return "".join(
        chr(rng.choice((rng.randrange(32, 127), rng.randrange(0x2000)))) for _ in range(9)
    )


def header_value(rng: Random, name: str) -> str:
    """Latin 1, as a server hands headers on; a line break never reaches an application."""
    value = rng.choice(LIKELY.get(name, ())) if name in LIKELY and rng.random() < 0.6 else text(rng)
    return value.encode("utf-8", "replace").decode("latin-1").replace("\r", " ").replace("\n", " ")


def body_of(rng: Random, names: list[str], like: dict[str, Any]) -> Any:
    """JSON with some of the fields that are known, mostly of the right kind and sometimes not."""
    body = {name: like[name](rng) if rng.random() < 0.6 else odd(rng) for name in like}
    for name in rng.sample(names, min(len(names), rng.randrange(4))):
        body[name] = odd(rng)
    return rng.choice(ODD_JSON) if rng.random() < 0.08 else body


def odd(rng: Random) -> Any:
    return rng.choice(ODD_JSON) if rng.random() < 0.4 else text(rng)


def as_bytes(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8")

"""Form parameters with brackets, read against a table of what an endpoint takes.

`line_items[0][quantity]=5` becomes {"line_items": [{"quantity": 5}]}. What the table does not
name is refused, as Stripe does, so that a typing error in the portal cannot stay unseen.
"""

import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from payments.sandbox.errors import invalid, missing_parameter, unknown_parameter
from payments.sandbox.shapes import Json

Reader = Callable[[Any, str], Any]
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
INTEGER = re.compile(r"[+-]?\d{1,18}\Z")
CURRENCY = re.compile(r"[a-zA-Z]{3}\Z")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")


def parse_form(text: str) -> Json:
    """Nested dicts of strings; a list is a dict whose names are digits until a reader says so."""
    tree: Json = {}
    for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
        match = NAME.match(name)
        if match is None:
            raise invalid(f"Invalid parameter name: {name}", param=name)
        parts = [match.group(1), *re.findall(r"\[([^\[\]]*)\]", match.group(2))]
        _put(tree, parts, value, name)
    return tree


def _put(tree: Json, parts: list[str], value: str, name: str) -> None:
    node = tree
    for part in parts[:-1]:
        child = node.setdefault(part or str(len(node)), {})
        if not isinstance(child, dict):
            raise invalid(f"Invalid object: {name}", param=name)
        node = child
    node[parts[-1] or str(len(node))] = value


def read(
    tree: Json, fields: Mapping[str, Reader], required: tuple[str, ...] = (), path: str = ""
) -> Json:
    """The typed parameters; names that were not sent are absent from the result."""
    found: Json = {}
    for name, value in tree.items():
        where = f"{path}[{name}]" if path else name
        if name not in fields:
            raise unknown_parameter(where)
        found[name] = fields[name](value, where)
    for name in required:
        if found.get(name) in (None, ""):
            raise missing_parameter(f"{path}[{name}]" if path else name)
    return found


# readers ---------------------------------------------------------------------------------


def text(limit: int = 5000) -> Reader:
    def reader(value: Any, where: str) -> str:
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {where}", param=where)
        if len(value) > limit:
            message = f"Invalid string: must be at most {limit} characters"
            raise invalid(message, param=where, code="parameter_invalid_string_too_long")
        return value

    return reader


def integer(lowest: int | None = None, highest: int | None = None) -> Reader:
    def reader(value: Any, where: str) -> int:
        if not isinstance(value, str) or not INTEGER.match(value):
            shown = value if isinstance(value, str) else where
            message = f"Invalid integer: {shown}"
            raise invalid(message, param=where, code="parameter_invalid_integer")
        number = int(value)
        if (lowest is not None and number < lowest) or (highest is not None and number > highest):
            bound = f"at least {lowest}" if highest is None else f"between {lowest} and {highest}"
            message = f"This value must be {bound}."
            raise invalid(message, param=where, code="parameter_invalid_integer")
        return number

    return reader


def flag(value: Any, where: str) -> bool:
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {value}", param=where)
    return bool(value == "true")


def choice(*allowed: str) -> Reader:
    def reader(value: Any, where: str) -> str:
        if value not in allowed:
            name = where.rsplit("[", 1)[-1].rstrip("]")
            words = ", ".join(allowed)
            message = f"Invalid {name}: must be one of {words}"
            raise invalid(message, param=where)
        return str(value)

    return reader


def currency(value: Any, where: str) -> str:
    if not isinstance(value, str) or not CURRENCY.match(value):
        raise invalid(f"Invalid currency: {value}", param=where)
    return value.lower()


def url(value: Any, where: str) -> str:
    parts = urllib.parse.urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        raise invalid("Not a valid URL", param=where, code="url_invalid")
    return str(value)


def email(value: Any, where: str) -> str:
    if value == "":
        return ""
    if not isinstance(value, str) or not EMAIL.match(value) or len(value) > 512:
        raise invalid(f"Invalid email address: {value}", param=where, code="email_invalid")
    return value


def hash_of(fields: Mapping[str, Reader], required: tuple[str, ...] = ()) -> Reader:
    def reader(value: Any, where: str) -> Json:
        if not isinstance(value, dict):
            raise invalid("Invalid object", param=where)
        return read(value, fields, required, where)

    return reader


def list_of(item: Reader, most: int = 100) -> Reader:
    def reader(value: Any, where: str) -> list[Any]:
        if value == "":
            return []
        if not isinstance(value, dict) or not all(name.isdigit() for name in value):
            raise invalid("Invalid array", param=where)
        if len(value) > most:
            raise invalid(f"Array is longer than {most}", param=where)
        return [item(value[name], f"{where}[{name}]") for name in sorted(value, key=int)]

    return reader


def metadata(value: Any, where: str) -> Json | str:
    """Up to 50 names of 40 characters with values of 500; the empty text clears them all."""
    if value == "":
        return ""
    if not isinstance(value, dict) or any(isinstance(item, dict) for item in value.values()):
        raise invalid("Invalid object", param=where)
    if len(value) > 50:
        raise invalid("Metadata can have up to 50 keys.", param=where)
    for name, item in value.items():
        if len(name) > 40 or len(item) > 500:
            message = "Metadata keys have up to 40 characters and values up to 500."
            raise invalid(message, param=where)
    return value


def when(value: Any, where: str) -> Json:
    """A moment, or a range with gt, gte, lt, lte, as in the filters of lists."""
    bound = integer()
    if isinstance(value, dict):
        return read(value, dict.fromkeys(("gt", "gte", "lt", "lte"), bound), path=where)
    return {"eq": bound(value, where)}


def merged_metadata(old: Json, change: Json | str | None) -> Json:
    """Names are added or replaced, an empty value removes one, an empty text removes all."""
    if change is None:
        return old
    if isinstance(change, str):
        return {}
    return {name: value for name, value in (old | change).items() if value != ""}


EXPAND: Mapping[str, Reader] = {"expand": list_of(text(200), 20)}

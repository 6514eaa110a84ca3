"""The API's own description, and the least that each of its operations reads."""

from functools import cache
from typing import Any

from wagtail.api.v3.api import api

from tests.portal.matrix.naming import TEXTS


@cache
def described() -> dict[str, Any]:
    whole: dict[str, Any] = api.get_openapi_schema()
    return whole


def fields_of(schema: dict[str, Any]) -> list[str]:
    """What must be sent, by name."""
    names: list[str] = _resolved(schema).get("required", [])
    return names


def plain(schema: dict[str, Any], named: dict[str, Any], name: str = "") -> Any:
    """The least that an operation reads without complaint."""
    schema = _resolved(schema)
    if name in named and schema.get("type") in ("string", "integer"):
        return str(named[name]) if schema["type"] == "string" else named[name]
    if several := schema.get("anyOf") or schema.get("allOf") or schema.get("oneOf"):
        return plain(several[0], named, name)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            wanted = schema.get("required", [])
            return {one: plain(schema["properties"][one], named, one) for one in wanted}
        case "array":
            return [plain(schema["items"], named, name)] if schema.get("minItems") else []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
    return TEXTS.get(schema.get("format", ""), "GBP" if name == "currency" else "x")


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        known = described()["components"]["schemas"]
        schema = known[schema["$ref"].rpartition("/")[2]]
    return schema

"""What the API's description says of errors: each operation lists those it can answer with."""

from http import HTTPStatus
from typing import Any, Final

from cms.api_tightening import CONTENT
from portal.api.problems import CONTENT_TYPE

PROBLEM: Final = {
    "title": "Problem",
    "description": "A problem document (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Never changes; decide by it."},
        "detail": {"type": "string", "description": "A sentence for people."},
        "errors": {
            "type": "array",
            "description": "What is wrong, each with the path to it.",
            "items": {
                "type": "object",
                "properties": {
                    "type": {"type": "string"},
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "msg": {"type": "string"},
                },
            },
        },
    },
}
WHEN: Final = {
    "400": "Something in the address or a field is not known here, or cannot be read.",
    "401": "Nobody is signed in, or the token opens nothing.",
    "403": "Not allowed, or the token is not for that.",
    "404": "There is nothing at this address.",
    "409": "Not possible as things stand; `code` says why.",
    "412": "Changed since the version in `If-Match`.",
    "413": "The body is too big.",
    "422": "Some of what was sent is not valid; `errors` has the paths.",
    "429": "Too many requests; `Retry-After` says when to come back.",
    "503": "Something we depend on does not answer; `Retry-After` says when to come back.",
}
_CONTENT: Final = tuple(name.removesuffix("_") for name in CONTENT)  # in addresses
_SOUGHT: Final = (
    "content_by_path",
    "content_preview",
    "content_redirect",
    "content_next_times",
    "pages_find",
    "redirects_find",
)
EXAMPLES: Final = {
    "400": {
        "code": "unknown_field",
        "detail": "Not known here: tag.",
        "errors": [
            {
                "type": "unknown_field",
                "loc": ["query", "tag"],
                "msg": "Nobody reads this here.",
            }
        ],
    },
    "422": {
        "code": "invalid",
        "detail": "Some of what was sent is not valid.",
        "errors": [
            {"type": "missing", "loc": ["body", "body", 0, "value", "text"], "msg": "Missing."}
        ],
    },
}


def describe_errors(schema: dict[str, Any]) -> None:
    """Add to every operation the problems it answers with."""
    schema["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if operation["operationId"] in ("pages_find", "redirects_find"):
                operation["responses"][302] = {"description": "To what was found."}
            if operation["operationId"] in _VERSIONED:
                operation.setdefault("parameters", []).append(_IF_MATCH)
            for status in sorted(_statuses(path, method, operation)):
                operation["responses"].setdefault(int(status), _problem(status))


_VERSIONED: Final = (
    "pages_update",
    "pages_delete",
    "pages_actions_publish",
    "pages_actions_unpublish",
    "pages_actions_move",
    "pages_actions_delete",
    "pages_actions_revert",
)
_IF_MATCH: Final = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of the draft you have read; 412 if somebody has changed it since.",
}


def _statuses(path: str, method: str, operation: dict[str, Any]) -> set[str]:
    about = path.removeprefix("/api/v1/").partition("/")[0]
    content = about in _CONTENT
    places = {each["in"] for each in operation.get("parameters", ())}
    security = operation.get("security") or [{}]
    found: set[str] = set()
    if "query" in places or content:
        found.add("400" if content else "422")
    if "path" in places or operation["operationId"] in _SOUGHT:
        found.add("404")
    if any(security):
        found.add("401")
    if {} not in security:
        found.add("403")
    if "requestBody" in operation:
        found |= {"400", "413", "422"}
    if operation["operationId"] in _VERSIONED:
        found |= {"412", "422"}
    if content and method != "get":
        found |= {"404", "422"}
    if not content and method != "get":
        found |= {"409", "429", "503"}
    return found


def _problem(status: str) -> dict[str, Any]:
    body: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if status in EXAMPLES:
        general = {
            "type": "about:blank",
            "title": HTTPStatus(int(status)).phrase,
            "status": int(status),
        }
        body["example"] = general | EXAMPLES[status]
    return {"description": WHEN[status], "content": {CONTENT_TYPE: body}}

"""What a body may hold: the fields of its schema, so deep and no deeper, and texts that exist."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from wagtail.api.v3.registry import registry

from cms.api_errors import Fault, Path

MAX_DEPTH: Final = 20
BIGGEST: Final = 2**63 - 1


def unreadable(data: Any) -> Iterator[Fault]:
    """Values too deep, or that no database keeps: half characters and numbers without end."""
    waiting: list[tuple[Any, Path, int]] = [(data, ("body",), 0)]
    while waiting:
        value, at, depth = waiting.pop()
        if depth > MAX_DEPTH:
            yield Fault(at, f"Nothing may lie deeper than {MAX_DEPTH} levels.", "too_deep")
            return
        if isinstance(value, dict):
            for key, inner in value.items():
                waiting += [(inner, (*at, str(key)), depth + 1), (str(key), at, depth)]
        elif isinstance(value, list):
            waiting += [(inner, (*at, index), depth + 1) for index, inner in enumerate(value)]
        elif isinstance(value, str) and not _is_whole(value):
            yield Fault(at, "This text holds half a character.", "unicode")
        elif isinstance(value, int) and abs(value) > BIGGEST:
            yield Fault(at, "This number is too big.", "too_big")
        elif isinstance(value, float) and not math.isfinite(value):
            yield Fault(at, "This is not a number.", "finite_number")


def unknown_in(annotation: Any, data: Any, at: Path = ("body",)) -> Iterator[Fault]:
    """The keys of a body that its schema does not name."""
    schema = _schema_of(annotation, data)
    if schema is None:
        inner = _item_of(annotation)
        if inner is not None and isinstance(data, list):
            for index, item in enumerate(data):
                yield from unknown_in(inner, item, (*at, index))
        return
    if not isinstance(data, dict):
        return
    fields = {field.alias or name: field for name, field in schema.model_fields.items()}
    for key in sorted(set(data) - set(fields)):
        yield Fault((*at, key), "Nobody reads this here.", "unknown_field")
    for key in set(data) & set(fields):
        yield from unknown_in(fields[key].annotation, data[key], (*at, key))


def _schema_of(annotation: Any, data: Any) -> type[BaseModel] | None:
    """The schema a value is read by; of several the one for its type."""
    choices = [each for each in _members(annotation) if _is_schema(each)]
    if len(choices) > 1:
        return _by_type(choices, data)
    return choices[0] if choices else None


def _by_type(choices: list[Any], data: Any) -> type[BaseModel] | None:
    meta = data.get("meta") if isinstance(data, dict) else None
    kind = meta.get("type") if isinstance(meta, dict) else None
    known = registry.get(kind) if isinstance(kind, str) else None
    mine = (known.create_schema, known.patch_schema) if known else ()
    return next((choice for choice in choices if choice in mine), None)


def _members(annotation: Any) -> Iterable[Any]:
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [member for each in get_args(annotation) for member in _members(each)]
    return [annotation]


def _item_of(annotation: Any) -> Any:
    for each in _members(annotation):
        if get_origin(each) is list:
            return get_args(each)[0]
    return None


def _is_schema(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

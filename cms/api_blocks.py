"""Blocks as a program sends them, checked before Wagtail sees them, each fault with its path.

Wagtail takes what it knows and drops the rest; an outside program should hear of a block type
that does not exist or of a key it misspelt.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks.base import get_error_json_data
from wagtail.blocks.field_block import BaseChoiceBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock

from cms.api_errors import Fault, Path

_TEXT = (
    blocks.CharBlock,
    blocks.TextBlock,
    BaseChoiceBlock,
    blocks.URLBlock,
    blocks.EmailBlock,
    blocks.RegexBlock,
    blocks.RawHTMLBlock,
)
_EMPTY: tuple[Any, ...] = (None, "", [])


def faults_in(block: Any, value: Any, at: Path, *, complete: bool) -> Iterator[Fault]:
    """What is wrong with a stream's JSON. `complete` asks for everything that publishing asks for.

    A draft may hold empty values, but no unknown block types or keys, no missing children and
    no value that its block could not keep.
    """
    found = list(_shape(block, value, at))
    yield from found
    if complete and not found:
        yield from unfinished(block, block.to_python(_as_stored(block, value)), at)


def unfinished(block: Any, value: Any, at: Path) -> Iterator[Fault]:
    """What keeps a stream value from being published."""
    try:
        block.clean(value)
    except ValidationError as error:
        yield from _said(block, get_error_json_data(error), value, at)


def _shape(block: Any, value: Any, at: Path) -> Iterator[Fault]:
    if isinstance(block, BaseStreamBlock):
        yield from _stream(block, value, at)
    elif isinstance(block, BaseStructBlock):
        yield from _struct(block, value, at)
    elif isinstance(block, blocks.ListBlock):
        yield from _list(block, value, at)
    else:
        yield from _leaf(block, value, at)


def _stream(block: Any, value: Any, at: Path) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(at, "This has to be a list of blocks.", "list_type")
        return
    for index, item in enumerate(value):
        here = (*at, index)
        if not isinstance(item, dict):
            yield Fault(here, "A block is an object with a type and a value.", "dict_type")
            continue
        yield from _keys(item, {"type", "value"}, {"id"}, here)
        if "type" not in item or "value" not in item:
            continue
        kind = item["type"]
        if not isinstance(item.get("id", ""), str | None):
            yield Fault((*here, "id"), "The id of a block is a text.", "string_type")
        if not isinstance(kind, str) or kind not in block.child_blocks:
            known = ", ".join(block.child_blocks)
            yield Fault((*here, "type"), f"There is no such block here. Known: {known}.", "literal")
            continue
        yield from _shape(block.child_blocks[kind], item["value"], (*here, "value"))


def _struct(block: Any, value: Any, at: Path) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(at, "This has to be an object.", "dict_type")
        return
    needed = {name for name, child in block.child_blocks.items() if _must_be_there(child)}
    yield from _keys(value, needed, set(block.child_blocks) - needed, at)
    for name, child in block.child_blocks.items():
        if name in value:
            yield from _shape(child, value[name], (*at, name))


def _must_be_there(child: Any) -> bool:
    """Required, and without a default that could stand in."""
    if not isinstance(child, blocks.FieldBlock):
        return True
    default = child.get_default()
    return bool(child.required and not default and default not in (0, False))


def _list(block: Any, value: Any, at: Path) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(at, "This has to be a list.", "list_type")
        return
    for index, item in enumerate(value):
        yield from _shape(block.child_block, item, (*at, index))


def _leaf(block: Any, value: Any, at: Path) -> Iterator[Fault]:
    if value in _EMPTY and not isinstance(value, list):
        return
    if isinstance(block, blocks.RichTextBlock):
        yield from _rich_text(value, at)
    elif isinstance(block, _TEXT) and not isinstance(value, str):
        yield Fault(at, "This has to be a text.", "string_type")
    elif isinstance(block, blocks.BooleanBlock) != isinstance(value, bool):
        yield Fault(at, "Say true or false only where that is asked.", "bool_type")
    elif isinstance(block, blocks.FieldBlock) and isinstance(value, list | dict):
        yield Fault(at, "This has to be one value.", "scalar_type")
    elif isinstance(block, blocks.FieldBlock):
        yield from _kept(block, value, at)


def _kept(block: Any, value: Any, at: Path) -> Iterator[Fault]:
    """Whether the block's own field takes the value."""
    try:
        native = block.to_python(value)
        if native is None:
            yield Fault(at, "There is nothing with this id.", "missing_reference")
            return
        block.clean(native)
    except ValidationError as error:
        for message in error.messages:
            yield Fault(at, message)
    except (TypeError, ValueError, OverflowError):
        yield Fault(at, "This is not a value that is understood here.")


def _rich_text(value: Any, at: Path) -> Iterator[Fault]:
    if isinstance(value, str):
        return
    if not isinstance(value, dict):
        yield Fault(at, "This has to be a text, or an object with format and content.")
        return
    yield from _keys(value, {"content"}, {"format"}, at)
    if not isinstance(value.get("content", ""), str):
        yield Fault((*at, "content"), "This has to be a text.", "string_type")
    if value.get("format", "db_html") not in ("db_html", "db_markdown"):
        yield Fault((*at, "format"), "Known: db_html, db_markdown.", "literal")


def _keys(value: dict[str, Any], needed: set[str], allowed: set[str], at: Path) -> Iterator[Fault]:
    for name in sorted(needed - set(value)):
        yield Fault((*at, name), "This is missing.", "missing")
    for name in sorted(set(value) - needed - allowed):
        yield Fault((*at, name), "Nobody reads this here.", "unknown_field")


def as_sent(block: Any, value: Any) -> Any:
    """Stored JSON in the form that is sent; Wagtail gives the items of a list ids of theirs."""
    if isinstance(block, BaseStreamBlock):
        return [
            {**item, "value": as_sent(block.child_blocks[item["type"]], item["value"])}
            for item in value or []
            if item["type"] in block.child_blocks
        ]
    if isinstance(block, BaseStructBlock):
        children = block.child_blocks
        return {name: as_sent(children[name], each) for name, each in (value or {}).items()}
    if isinstance(block, blocks.ListBlock):
        return [as_sent(block.child_block, item["value"]) for item in value or []]
    return value


def _as_stored(block: Any, value: Any) -> Any:
    """The JSON with each text in an envelope as that text: enough to see whether it is empty."""
    value = copy.deepcopy(value)
    if isinstance(block, BaseStreamBlock):
        return [
            {**item, "value": _as_stored(block.child_blocks[item["type"]], item["value"])}
            for item in value
        ]
    if isinstance(block, BaseStructBlock):
        return {name: _as_stored(block.child_blocks[name], child) for name, child in value.items()}
    if isinstance(block, blocks.ListBlock):
        return [_as_stored(block.child_block, item) for item in value]
    if isinstance(block, blocks.RichTextBlock) and isinstance(value, dict):
        return value["content"]
    return value


def _said(block: Any, error: dict[str, Any], value: Any, at: Path) -> Iterator[Fault]:
    """Wagtail's tree of messages as faults with paths."""
    for message in error.get("messages", ()):
        yield Fault(at, str(message))
    for key, inner in error.get("blockErrors", {}).items():
        if isinstance(block, BaseStreamBlock):
            child = value[int(key)]
            yield from _said(child.block, inner, child.value, (*at, int(key), "value"))
        elif isinstance(block, blocks.ListBlock):
            items = list(value)
            yield from _said(block.child_block, inner, items[int(key)], (*at, int(key)))
        else:
            child_value = value.get(key) if hasattr(value, "get") else None
            yield from _said(block.child_blocks[key], inner, child_value, (*at, key))

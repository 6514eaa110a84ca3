"""The blocks that pages are made of, described for those who write them from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ninja import Schema
from wagtail import blocks
from wagtail.blocks.field_block import BaseChoiceBlock
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.fields import StreamField

_KINDS = (
    (blocks.RichTextBlock, "rich text"),
    (blocks.IntegerBlock, "integer"),
    (blocks.BooleanBlock, "boolean"),
    (BaseChoiceBlock, "choice"),
    (blocks.URLBlock, "address"),
    (blocks.ChooserBlock, "id"),
    (BaseStreamBlock, "blocks"),
    (BaseStructBlock, "object"),
    (blocks.ListBlock, "list"),
)


class BlockOut(Schema):
    """A block: `kind` is its value's, `children` are its keys, or what its list holds."""

    name: str
    label: str
    description: str
    kind: str
    required: bool
    choices: list[str] | None = None
    children: list[BlockOut] = []


def blocks_of(base: Any) -> Iterator[tuple[Any, str, list[BlockOut]]]:
    """Page type, name of the field and its blocks, for every field that holds blocks."""
    from wagtail.models import get_page_models

    for model in get_page_models():
        for field in model._meta.get_fields():
            if model is not base and isinstance(field, StreamField):
                children = field.stream_block.child_blocks.values()
                yield model, field.name, [_shown(child) for child in children]


def _shown(block: Any) -> BlockOut:
    return BlockOut(
        name=block.name,
        label=str(block.label or block.name),
        description=str(getattr(block.meta, "description", "")),
        kind=next((kind for each, kind in _KINDS if isinstance(block, each)), "text"),
        required=bool(getattr(block, "required", True)),
        choices=_choices(block),
        children=[_shown(child) for child in _children(block)],
    )


def _children(block: Any) -> list[Any]:
    if isinstance(block, blocks.ListBlock):
        return [block.child_block]
    return list(getattr(block, "child_blocks", {}).values())


def _choices(block: Any) -> list[str] | None:
    if not isinstance(block, BaseChoiceBlock):
        return None
    return [str(value) for value, _ in block.field.choices if value != ""]

"""No editor can put markup of their own into a page (fault 46)."""

from collections.abc import Iterator

from django.apps import apps
from wagtail.blocks import Block, RawHTMLBlock
from wagtail.fields import StreamField


def _inside(block: Block) -> Iterator[Block]:
    """The block and all it is made of; none of ours holds itself."""
    yield block
    for child in getattr(block, "child_blocks", {}).values():
        yield from _inside(child)
    if (child := getattr(block, "child_block", None)) is not None:
        yield from _inside(child)


def test_no_page_takes_raw_html():
    fields = [
        field
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, StreamField)
    ]
    blocks = [block for field in fields for block in _inside(field.stream_block)]

    assert len(fields) > 5
    assert len(blocks) > 50
    assert [block.name for block in blocks if isinstance(block, RawHTMLBlock)] == []

"""What pages say, as stored: fields and blocks of the newest and of the live version.

Revisions keep the bodies as JSON, so this reads them without building a page: one query for
any number of pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F
from wagtail.fields import StreamField
from wagtail.models import Revision


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block of a body; `label` is what editors call it."""

    field: str
    type: str
    label: str
    value: Any


@dataclass(frozen=True)
class Content:
    """One version of a page. `fields` is what its revision keeps."""

    page_id: int
    title: str
    model: Any
    fields: dict[str, Any]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(
            Block(name, raw.get("type", ""), labels.get(raw.get("type", ""), ""), raw.get("value"))
            for name, labels in _streams(self.model).items()
            for raw in _loaded(self.fields.get(name))
        )


def newest(pages: Any) -> list[Content]:
    """The newest version of each page of the queryset that was ever saved, in its order."""
    return list(_read(pages, "latest_revision_id"))


def newest_and_live(pages: Any) -> list[Content]:
    """Newest versions, then the live ones that differ from them."""
    older = pages.filter(live=True).exclude(live_revision=F("latest_revision"))
    return [*newest(pages), *_read(older, "live_revision_id")]


def of_page(page: Any) -> Content:
    """The page as it stands in memory, saved or not."""
    return Content(page.pk or 0, page.title, type(page), page.serializable_data())


def values(value: Any) -> Iterator[tuple[str, Any]]:
    """Every (key, value) inside a block's value, however deep, the outermost first."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from values(inner)


def texts(value: Any) -> Iterator[str]:
    """Every string inside a block's value but ids and kinds of the items of a list."""
    if isinstance(value, str):
        yield value
    for key, inner in values(value):
        if isinstance(inner, str) and key not in ("id", "type"):
            yield inner


def pages_in_editing() -> Any:
    """Pages that were ever saved by somebody; the root of the tree is none."""
    from cms.pages.base import BasePage

    return BasePage.objects.filter(depth__gt=1, latest_revision__isnull=False)


def _read(pages: Any, which: str) -> Iterator[Content]:
    rows = list(pages.order_by("path").values_list("pk", "content_type_id", which))
    saved = Revision.objects.in_bulk([revision for _, _, revision in rows if revision])
    for page_id, type_id, revision_id in rows:
        model = ContentType.objects.get_for_id(type_id).model_class()
        if model and (revision := saved.get(revision_id)):
            fields = revision.content
            yield Content(page_id, fields.get("title", ""), model, fields)


@lru_cache
def _streams(model: Any) -> dict[str, dict[str, str]]:
    """The bodies of a page type, each with the labels of its blocks."""
    if model is None:
        return {}
    return {
        field.name: {
            name: str(block.label) for name, block in field.stream_block.child_blocks.items()
        }
        for field in model._meta.get_fields()
        if isinstance(field, StreamField)
    }


def _loaded(stored: Any) -> list[dict[str, Any]]:
    """A body as a list of blocks; a revision may keep it as text or as it is."""
    raw = json.loads(stored) if isinstance(stored, str) and stored else stored
    return [block for block in raw or [] if isinstance(block, dict)]

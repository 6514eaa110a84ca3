"""What the API answers about drafts and blocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema

from cms.api_blocks_shown import BlockOut


class PreviewAddressOut(Schema):
    """`url` is the front end's if one is configured, else the API's own."""

    page_id: int
    token: str
    url: str
    api_url: str
    expires_at: datetime


class DraftSourceOut(Schema):
    """`fields` is what PATCH /pages/{id}/ takes."""

    id: int
    type: str
    live: bool
    has_unpublished_changes: bool
    fields: dict[str, Any]


class PageTypeBlocksOut(Schema):
    type: str
    field: str
    blocks: list[BlockOut]

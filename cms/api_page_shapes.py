"""Pages in a list, by a name of their own.

Wagtail calls what it says of any page in a list `BasePageSchema`, and so does it the page type
`BasePage`; in the description one would stand for the other.
"""

from __future__ import annotations

from ninja import Schema
from wagtail.api.v3.schemas.pages import BasePageMetaSchema, BasePageSchema


class ListedPageMetaOut(BasePageMetaSchema):
    pass


class ListedPageOut(BasePageSchema):
    meta: ListedPageMetaOut


class PageListOut(Schema):
    items: list[ListedPageOut]
    count: int

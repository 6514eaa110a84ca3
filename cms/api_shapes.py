"""What the content API is asked and answers, where Wagtail has no shape for it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.conf import settings
from ninja import Schema
from pydantic import AfterValidator, Field

MAX_LIMIT = 100
SLUG = r"^[-\w]*$"


def _known_locale(code: str) -> str:
    if code and code not in dict(settings.LANGUAGES):
        raise ValueError("This site does not speak that language.")
    return code


LocaleCode = Annotated[str, AfterValidator(_known_locale)]


class ArticlesWanted(Schema):
    """Which articles: of a tag's slug, of a therapist's code, in a language or the default one."""

    locale: LocaleCode = ""

    topic: str = Field("", pattern=SLUG)
    author: str = Field("", pattern=SLUG)
    limit: int = Field(20, ge=1, le=MAX_LIMIT)
    offset: int = Field(0, ge=0, le=1_000_000)


class TimesWanted(Schema):
    """Which free times, by codes; what is empty is left open."""

    service: str = Field("", pattern=SLUG)
    variant: str = Field("", pattern=SLUG)
    location: str = Field("", pattern=SLUG)
    therapist: str = Field("", pattern=SLUG)
    count: int = Field(3, ge=1, le=10)


class ArticleCardOut(Schema):
    id: int
    title: str
    url: str
    detail_url: str
    intro: str
    author: str
    on: date | None
    tags: list[str]
    reading_minutes: int


class ArticleListOut(Schema):
    count: int
    items: list[ArticleCardOut]


class LinkOut(Schema):
    label: str
    url: str


class MenuItemOut(Schema):
    """A page in the menu; `path` is for front ends on another host."""

    id: int
    label: str
    url: str
    path: str
    children: list[MenuItemOut] = []


class NavigationOut(Schema):
    main: list[MenuItemOut]
    small_print: list[LinkOut]


class SiteOut(Schema):
    name: str
    tagline: str
    url: str
    feed_url: str
    sitemap_url: str
    phone: str
    email: str
    address_lines: list[str]
    opening_summary: str


class RedirectOut(Schema):
    location: str
    permanent: bool


class RenditionOut(Schema):
    url: str
    width: int
    height: int


class PictureOut(Schema):
    """An image in the sizes we serve; `url` is the middle one."""

    id: int
    title: str
    alt: str
    url: str
    width: int
    height: int
    renditions: list[RenditionOut]


class PackageOfferOut(Schema):
    """Amounts in minor units, tax included."""

    code: str
    name: str
    units: int
    price_minor: int
    currency: str
    price_each_minor: int
    saving_minor: int
    covers: list[str]
    variant_codes: list[str]
    validity_days: int
    refund: str


class VariantOfferOut(Schema):
    code: str
    name: str
    duration_minutes: int
    price_minor: int
    currency: str


class ServiceOfferOut(Schema):
    code: str
    name: str
    summary: str
    variants: list[VariantOfferOut]
    from_price_minor: int


class OfferedTimeOut(Schema):
    starts_at: datetime
    therapist_name: str
    therapist_code: str
    location_name: str
    location_code: str
    hold_fields: dict[str, str]


class NextTimesOut(Schema):
    """The next free starts; holding one asks again."""

    variant_name: str
    variant_code: str
    price_minor: int
    currency: str
    zone: str
    times: list[OfferedTimeOut]

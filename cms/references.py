"""Codes of services, packages, therapists in content: what may be chosen, where it is used."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.forms import Select
from django.utils.choices import CallableChoiceIterator

from cms import live

PACKAGE, SERVICE, VARIANT, THERAPIST, LOCATION = (
    "package",
    "service",
    "variant",
    "therapist",
    "location",
)
GONE = "{code} (not offered now: hidden on the site)"


@dataclass(frozen=True, slots=True)
class Use:
    """One page that names a code."""

    page_id: int
    title: str
    code: str


def package_choices() -> list[tuple[str, str]]:
    offers = live.packages().values()
    return _choices(PACKAGE, [(offer.code, offer.name) for offer in offers])


def service_choices() -> list[tuple[str, str]]:
    return _choices(SERVICE, [(offer.code, offer.name) for offer in live.services().values()])


def variant_choices() -> list[tuple[str, str]]:
    variants = [variant for offer in live.services().values() for variant in offer.variants]
    return _choices(VARIANT, [(variant.code, variant.name) for variant in variants])


def therapist_choices() -> list[tuple[str, str]]:
    return _choices(THERAPIST, [(offer.code, offer.name) for offer in live.therapists().values()])


def location_choices() -> list[tuple[str, str]]:
    return _choices(LOCATION, [(offer.code, offer.name) for offer in live.locations().values()])


def uses(kind: str, code: str | None = None) -> list[Use]:
    """Every page whose newest version names a code of this kind, drafts included."""
    found = []
    for page_id, title, content in _newest_contents():
        codes = set(_pattern(kind).findall(content))
        found += [Use(page_id, title, each) for each in sorted(codes) if code in (None, each)]
    return found


def code_select(choices: Any) -> Select:
    """A select for a model field that keeps a code; its options are read when it is drawn."""
    return Select(choices=CallableChoiceIterator(lambda: [("", "---------"), *choices()]))


def _choices(kind: str, offered: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is on offer, then withdrawn codes that pages still name, so no editor loses one."""
    offered = list(offered)
    known = {code for code, _ in offered}
    gone = {use.code for use in uses(kind)} - known
    return offered + [(code, GONE.format(code=code)) for code in sorted(gone)]


def _pattern(kind: str) -> re.Pattern[str]:
    # Content is JSON inside JSON: quotes of block values are escaped in a revision.
    return re.compile(rf'\\?"{kind}(?:_code)?\\?": ?\\?"([-\w]+)\\?"')


def _newest_contents() -> Iterable[tuple[int, str, str]]:
    from cms.pages.base import BasePage

    rows = BasePage.objects.filter(depth__gt=1, latest_revision__isnull=False)
    for page_id, title, content in rows.values_list("pk", "title", "latest_revision__content"):
        yield page_id, title, _as_text(content)


def _as_text(content: Any) -> str:
    import json

    return content if isinstance(content, str) else json.dumps(content)

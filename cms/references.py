"""Codes of services, packages, therapists in content: what may be chosen, where it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.forms import Select
from django.utils.choices import CallableChoiceIterator
from django.utils.text import capfirst

from cms import contents, live
from cms.contents import Content

PACKAGE, SERVICE, VARIANT, THERAPIST, LOCATION = (
    "package",
    "service",
    "variant",
    "therapist",
    "location",
)
GONE = "{code} (not offered now: hidden on the site)"
_KIND_OF = {
    **{kind: kind for kind in (PACKAGE, SERVICE, VARIANT, THERAPIST, LOCATION)},
    **{f"{kind}_code": kind for kind in (SERVICE, THERAPIST, LOCATION)},
    "times_of": SERVICE,
}


@dataclass(frozen=True, slots=True)
class Use:
    """One place of a page that names a code; `where` is the block or the field."""

    page_id: int
    title: str
    code: str
    kind: str = ""
    where: str = ""


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
    """Every place that names a code of this kind, by page; drafts and live versions alike."""
    return [
        use
        for use in uses_in(contents.newest_and_live(contents.pages_in_editing()))
        if use.kind == kind and code in (None, use.code)
    ]


def uses_in(versions: Iterable[Content]) -> list[Use]:
    """Every code that these versions name, each place once, under the first title given."""
    found: dict[tuple[int, str, str, str], Use] = {}
    for version in versions:
        for use in _uses_of(version):
            found.setdefault((use.page_id, use.kind, use.code, use.where), use)
    return list(found.values())


def on_offer() -> dict[str, set[str]]:
    """The codes that are offered now, by kind. Packages sold by code only are left out."""
    services = live.services().values()
    return {
        PACKAGE: set(live.packages()),
        SERVICE: {offer.code for offer in services},
        VARIANT: {variant.code for offer in services for variant in offer.variants},
        THERAPIST: set(live.therapists()),
        LOCATION: set(live.locations()),
    }


def withdrawn(found: Iterable[Use]) -> list[Use]:
    """Those uses whose code has no offer now: the site hides what they would show."""
    offered = on_offer()
    gone = [use for use in found if use.code not in offered[use.kind]]
    still = live.on_sale({use.code for use in gone if use.kind == PACKAGE})
    return [use for use in gone if use.kind != PACKAGE or use.code not in still]


def code_select(choices: Any) -> Select:
    """A select for a model field that keeps a code; its options are read when it is drawn."""
    return Select(choices=CallableChoiceIterator(lambda: [("", "---------"), *choices()]))


def _choices(kind: str, offered: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is on offer, then withdrawn codes that pages still name, so no editor loses one."""
    offered = list(offered)
    known = {code for code, _ in offered}
    gone = {use.code for use in uses(kind)} - known
    return offered + [(code, GONE.format(code=code)) for code in sorted(gone)]


def _uses_of(version: Content) -> Iterator[Use]:
    for name, code in version.fields.items():
        if name in _KIND_OF and isinstance(code, str) and code:
            field = version.model._meta.get_field(name)
            yield _use(version, name, code, capfirst(field.verbose_name))
    for block in version.blocks:
        for key, code in contents.values(block.value):
            if key in _KIND_OF and isinstance(code, str) and code:
                yield _use(version, key, code, block.label)


def _use(version: Content, key: str, code: str, where: str) -> Use:
    return Use(version.page_id, version.title, code, _KIND_OF[key], where)

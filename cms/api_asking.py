"""What an address of the content API may ask for. What nobody reads is refused, not ignored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db.models import Field, ForeignKey
from django.http import HttpRequest
from ninja.operation import Operation
from taggit.managers import TaggableManager
from wagtail.api import APIField
from wagtail.documents import get_document_model
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.models import Locale, Site

from cms.api_errors import Fault, unknown_fields, wrong_address

FARTHEST: Final = 1_000_000
# Read from the address by Wagtail without saying so in the operation's signature.
_BESIDES: Final = {
    "pages_find": {"rich_text_format"},
    "pages_detail": {"site"},
    "pages_revisions_detail": {"rich_text_format"},
    "content_by_path": {"site"},
}
_WORDS: Final = ("search", "q", "path", "html_path", "token")
_ALWAYS: Final = {
    "pages_list": ("title", "slug", "seo_title", "search_description", "show_in_menus", "id"),
    "images_list": ("id", "title", "width", "height"),
    "documents_list": ("id", "title"),
    "redirects_list": (
        "id",
        "old_path",
        "site",
        "is_permanent",
        "redirect_page",
        "redirect_page_route_path",
        "automatically_created",
    ),
}


def check_query(operation: Operation, request: HttpRequest) -> None:
    """Raises ContentRefused, naming each parameter that is not read or cannot be meant."""
    known = _read_by(operation) | _BESIDES.get(operation.operation_id or "", set())
    if operation.operation_id in _ALWAYS:
        known |= _filters(operation.operation_id or "", request)
    faults = [
        Fault(("query", name), "Nobody reads this here.", "unknown_field")
        for name in sorted(set(request.GET) - known)
    ]
    if faults:
        raise unknown_fields(faults)
    if faults := [*_too_far(request), *_nowhere(operation, request)]:
        raise wrong_address(faults)


def _read_by(operation: Operation) -> set[str]:
    names: set[str] = set()
    for model in operation.models:
        if model.__ninja_param_source__ == "query":  # type: ignore[attr-defined]
            names |= set(model.__ninja_flatten_map__)
    return names


def _filters(operation_id: str, request: HttpRequest) -> set[str]:
    """The fields of the listed model that a list can be narrowed by."""
    names = set(_ALWAYS[operation_id])
    model = _listed(operation_id, request)
    for api_field in APIField.get_fields_for_model(model, db_fields_only=True) if model else ():
        field = model._meta.get_field(api_field.name)
        if isinstance(field, TaggableManager) or _comparable(field):
            names.add(api_field.name)
    return names


def _comparable(field: Any) -> bool:
    return isinstance(field, ForeignKey) or (
        isinstance(field, Field) and not isinstance(field, StreamField) and field.concrete
    )


def _listed(operation_id: str, request: HttpRequest) -> Any:
    if operation_id == "images_list":
        return get_image_model()
    if operation_id == "documents_list":
        return get_document_model()
    kinds = request.GET.getlist("type")
    if operation_id != "pages_list" or len(kinds) != 1:
        return None
    try:
        return apps.get_model(kinds[0])
    except (LookupError, ValueError):
        return None  # the schema of the operation says which types there are


def _too_far(request: HttpRequest) -> Iterator[Fault]:
    """A database counts no further than its numbers reach."""
    for name, most in (("offset", FARTHEST), ("limit", settings.WAGTAILAPI_LIMIT_MAX)):
        value = request.GET.get(name, "").strip().lstrip("+")
        if value.isdecimal() and (len(value) > 9 or int(value) > most):
            yield Fault(("query", name), f"At most {most}.", "less_than_equal")
    for name in sorted(set(request.GET) - {"offset", "limit", *_WORDS}):
        if any(_beyond_counting(value) for value in request.GET.getlist(name)):
            yield Fault(("query", name), "This number is too big.", "too_big")


def _beyond_counting(value: str) -> bool:
    digits = value.strip().lstrip("+-")
    return digits.isdecimal() and len(digits) > 18


def _nowhere(operation: Operation, request: HttpRequest) -> Iterator[Fault]:
    """A language or a site that there is not: for Wagtail a list that is missing."""
    language = request.GET.get("locale")
    listing = (operation.operation_id or "").endswith("_list")
    if language and listing and not Locale.objects.filter(language_code=language).exists():
        yield Fault(("query", "locale"), "The site does not speak this language.", "literal")
    host, _, port = request.GET.get("site", "").partition(":")
    if (port and not port.isdecimal()) or (
        host and not Site.objects.filter(hostname=host).exists()
    ):
        yield Fault(("query", "site"), "There is no such site here.", "literal")

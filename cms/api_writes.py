"""What is asked of a write before Wagtail carries it out: fields, blocks, scopes and version."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from ninja.operation import Operation
from wagtail.api.v3.registry import registry
from wagtail.coreutils import resolve_model_string
from wagtail.fields import StreamField

from cms.api_auth import scope_missing
from cms.api_blocks import faults_in, unfinished
from cms.api_bodies import unknown_in, unreadable
from cms.api_errors import ContentRefused, Fault, unknown_fields, wrong_body
from cms.api_scopes import Scope
from cms.models import BasePage


def check_write(operation: Operation, request: HttpRequest, kw: dict[str, Any]) -> None:
    """Raises ContentRefused when a write asks for something that is not, or is out of date."""
    name = operation.operation_id or ""
    if name.startswith("pages_") and "page_id" in kw:
        check_version(request, kw["page_id"])
    data = _body(operation, request)
    if data is None:
        _check_form(operation, request)
    else:
        _check_body(operation, request, data, kw)
    if name == "pages_actions_publish":
        check_ready(kw["page_id"])


# --- The version a writer has seen ----------------------------------------------------------------
def version_of(page_id: int, revision_id: int | None) -> str:
    return f'"draft-{page_id}-{revision_id or 0}"'


def current_version(page_id: int) -> str | None:
    """The ETag of a page's latest draft; None when there is no such page."""
    found = BasePage.objects.filter(pk=page_id).values_list("latest_revision_id", flat=True)
    return version_of(page_id, found[0]) if found else None


def check_version(request: HttpRequest, page_id: Any) -> None:
    """Lock the page; with ``If-Match`` it has to be as the writer saw it."""
    wanted = request.headers.get("If-Match", "").strip()
    number = str(page_id)
    if not number.isdecimal() or len(number) > 18:
        return  # nobody's page: the operation says so
    list(BasePage.objects.select_for_update().filter(pk=number).values_list("pk"))
    if not wanted or wanted == "*":
        return
    current = current_version(int(number))
    seen = {part.strip().removeprefix("W/") for part in wanted.split(",")}
    if current is not None and current not in seen:
        raise ContentRefused(
            412, "stale", "Somebody has changed this page since you read it.", etag=current
        )


# --- Bodies ---------------------------------------------------------------------------------------
def _body(operation: Operation, request: HttpRequest) -> Any:
    """The JSON of a request; None where there is none or a form was sent."""
    if not any(_source(model) == "body" for model in operation.models) or not request.body:
        return None
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise ContentRefused(400, "unreadable_body", "The body is not JSON.") from error
    if not isinstance(data, dict):
        raise wrong_body([Fault(("body",), "This has to be an object.", "dict_type")])
    return data


def _check_body(operation: Operation, request: HttpRequest, data: Any, kw: dict[str, Any]) -> None:
    if faults := list(unreadable(data)):
        raise wrong_body(faults)
    model = _page_type(operation, data, kw)
    if model is not None and operation.operation_id == "pages_update":
        _check_kind(model, data)
    annotation = _annotation(operation, model)
    if annotation is not None and (faults := list(unknown_in(annotation, data))):
        raise unknown_fields(faults)
    meta = data.get("meta")
    publishing = isinstance(meta, dict) and meta.get("action") == "publish"
    if publishing and not request.auth.terms.allows(Scope.PUBLISH):  # type: ignore[attr-defined]
        raise scope_missing(Scope.PUBLISH)
    if model is not None and (faults := list(_wrong_blocks(model, data, publishing))):
        raise wrong_body(faults)


def _page_type(operation: Operation, data: Any, kw: dict[str, Any]) -> Any:
    """The page type a body is about; None for bodies about something else."""
    if operation.operation_id == "pages_create":
        meta = data.get("meta")
        kind = meta.get("type") if isinstance(meta, dict) else None
        known = registry.get(kind) if isinstance(kind, str) else None
        return resolve_model_string(kind) if known and known.create_schema else None
    if operation.operation_id == "pages_update" and str(kw["page_id"]).isdecimal():
        page = BasePage.objects.filter(pk=kw["page_id"]).first()
        return page and page.specific_class
    return None


def _check_kind(model: Any, data: Any) -> None:
    meta = data.get("meta")
    kind = meta.get("type") if isinstance(meta, dict) else None
    if kind not in (None, model._meta.label):
        raise wrong_body([Fault(("body", "meta", "type"), f"This page is a {model._meta.label}.")])


def _annotation(operation: Operation, model: Any) -> Any:
    """The schema a body is read by."""
    if model is not None:
        known = registry.get(model._meta.label)
        creating = operation.operation_id == "pages_create"
        return known and (known.create_schema if creating else known.patch_schema)
    for each in operation.models:
        if _source(each) == "body":
            single = getattr(each, "__read_from_single_attr__", None)
            return each.model_fields[single].annotation if single else each
    return None


def _wrong_blocks(model: Any, data: Any, complete: bool) -> Iterator[Fault]:
    for field in model._meta.get_fields():
        if isinstance(field, StreamField) and field.name in data:
            at = ("body", field.name)
            yield from faults_in(field.stream_block, data[field.name], at, complete=complete)


def check_ready(page_id: Any) -> None:
    """A draft may be half done; what is published may not."""
    page = BasePage.objects.filter(pk=page_id).first()
    if page is None:
        return
    draft = page.get_latest_revision_as_object()
    faults: list[Fault] = []
    for field in draft._meta.get_fields():
        if isinstance(field, StreamField):
            value = getattr(draft, field.name)
            faults += unfinished(field.stream_block, value, (field.name,))
    if faults:
        raise wrong_body(faults)


# --- Forms ----------------------------------------------------------------------------------------
def _check_form(operation: Operation, request: HttpRequest) -> None:
    """Fields sent beside a file."""
    known: set[str] = set()
    for model in operation.models:
        if _source(model) in ("form", "file"):
            known |= set(getattr(model, "__ninja_flatten_map__", model.model_fields))
    if not known:
        return
    sent = {*request.POST, *request.FILES}
    if faults := [
        Fault(("body", name), "Nobody reads this here.", "unknown_field")
        for name in sorted(sent - known)
    ]:
        raise unknown_fields(faults)


def _source(model: Any) -> str:
    source: str = model.__ninja_param_source__
    return source

"""Wagtail's routers, tightened: scopes, nothing unknown, nothing half-written, nothing leaked.

Done to the operations once they are bound to the API, so that Wagtail's and ours keep the same
rules and the description says the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.operation import Operation
from ninja.responses import Status
from wagtail.api.v3.auth import AllowAnonymous, BearerTokenAuth
from wagtail.api.v3.querysets import get_pages_queryset
from wagtail.api.v3.registry import registry
from wagtail.api.v3.schemas.params import OrderingSchema, SearchSchema
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import APIToken

from cms.api_asking import check_query
from cms.api_auth import ContentToken
from cms.api_errors import Fault, wrong_address, wrong_body
from cms.api_scopes import scope_of
from cms.api_writes import check_write, current_version
from cms.models import BasePage

CONTENT = (
    "content_",
    "pages_",
    "images_",
    "documents_",
    "redirects_",
    "snippets_",
    "sites_",
    "locales_",
    "schema_",
    "whoami",
)


def tighten(api: NinjaAPI) -> None:
    """Bind the operations of `api` and put our rules around those about content."""
    OrderingSchema.order_queryset = _steady(OrderingSchema.order_queryset)
    SearchSchema.search_queryset = _searchable(SearchSchema.search_queryset)
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            for operation in view.operations:
                if (operation.operation_id or "").startswith(CONTENT):
                    _put_rules_around(operation)


def _put_rules_around(operation: Operation) -> None:
    _ask_for_scopes(operation)
    operation._get_values = _checked(operation)  # type: ignore[method-assign]
    operation.view_func = _discreet(operation.view_func)
    operation.run = _whole(operation, operation.run)  # type: ignore[method-assign]


def _steady(order: Callable[..., Any]) -> Callable[..., Any]:
    """Equals keep their places, or somebody who turns pages meets one twice and one never."""

    @wraps(order)
    def steady(*args: Any, **kw: Any) -> Any:
        ordered = order(*args, **kw)
        fields = ordered.query.order_by
        return ordered if {"?", "pk", "id"} & set(fields) else ordered.order_by(*fields, "pk")

    return steady


def _searchable(search: Callable[..., Any]) -> Callable[..., Any]:
    """The search index does not know the key that keeps equals in their places."""

    @wraps(search)
    def searchable(self: SearchSchema, request: HttpRequest, queryset: Any) -> Any:
        if self.search is not None and (fields := queryset.query.order_by)[1:]:
            queryset = queryset.order_by(*(field for field in fields if field != "pk"))
        return search(self, request, queryset)

    return searchable


# --- Who may --------------------------------------------------------------------------------------
def _ask_for_scopes(operation: Operation) -> None:
    scope = scope_of(operation.operation_id or "", operation.methods[0])
    optional = any(isinstance(each, AllowAnonymous) for each in operation.auth_callbacks)
    operation.auth_callbacks = [
        ContentToken(scope, optional=optional) if type(each) is BearerTokenAuth else each
        for each in operation.auth_callbacks
    ]


# --- What is asked --------------------------------------------------------------------------------
def _checked(operation: Operation) -> Callable[..., Any]:
    """After signing in, before Wagtail's own reading of the request."""
    read = operation._get_values

    def checked(request: HttpRequest, path: Any, response: HttpResponse) -> Any:
        check_query(operation, request)
        if operation.operation_id == "redirects_find":
            _as_it_is_kept(request)
        if request.method not in ("GET", "HEAD"):
            check_write(operation, request, path)
        try:
            return read(request, path, response)
        except ValidationError as error:
            raise _refusal(error) from error

    return checked


def _as_it_is_kept(request: HttpRequest) -> None:
    """Redirects are kept without their trailing slash."""
    if asked := request.GET.get("html_path"):
        query = request.GET.copy()
        query["html_path"] = Redirect.normalise_path(asked)
        request.GET = query  # type: ignore[assignment]


def _refusal(error: ValidationError) -> Exception:
    """Wrong in the path: nothing is there. In the address: 400. In the body: 422."""
    where = {each["loc"][0] for each in error.errors}
    if "path" in where:
        return Http404()
    faults = [
        Fault(_readable(each["loc"]), each["msg"], each.get("type", "invalid"))
        for each in error.errors
    ]
    return wrong_address(faults) if where == {"query"} else wrong_body(faults)


def _readable(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path in what was sent, without the names that only our code knows."""
    head, *rest = loc
    if rest and rest[0] in ("data", "filters", "ordering", "search", "pagination_info"):
        rest = rest[1:] or rest
    return (head, *(part for part in rest if not registry.has(str(part))))


# --- What is done ---------------------------------------------------------------------------------
def _whole(operation: Operation, run: Callable[..., Any]) -> Callable[..., Any]:
    """All of a write or nothing of it; and the version that stands afterwards."""

    @wraps(run)
    def whole(request: HttpRequest, **kw: Any) -> Any:
        if request.method in ("GET", "HEAD"):
            response = run(request, **kw)
        else:
            with transaction.atomic():
                response = run(request, **kw)
                if refused := response.status_code >= 400:
                    transaction.set_rollback(True)
            if refused:
                _remember_use(request)
        _say_version(operation, request, response, kw)
        return response

    return whole


def _remember_use(request: HttpRequest) -> None:
    """That a token was used is true although nothing was written."""
    token = getattr(request, "auth", None)
    if isinstance(token, APIToken):
        ContentToken()._touch_last_used(token)


def _say_version(
    operation: Operation, request: HttpRequest, response: HttpResponse, kw: dict[str, Any]
) -> None:
    if not (operation.operation_id or "").startswith("pages_") or response.status_code >= 300:
        return
    drafting = request.method == "GET" and request.GET.get("version") == "draft"
    if response.status_code == 204 or not request.user.is_authenticated:
        return
    if drafting or request.method != "GET":
        made = json.loads(response.content).get("id") if response.status_code == 201 else None
        if version := current_version(made or kw["page_id"]):
            response["ETag"] = version


# --- What is shown --------------------------------------------------------------------------------
def _discreet(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page shows the public nothing of a parent or an original that is not public."""

    @wraps(view)
    def discreet(request: HttpRequest, *args: Any, **kw: Any) -> Any:
        result = view(request, *args, **kw)
        page = result.value if isinstance(result, Status) else result
        if isinstance(page, BasePage) and not request.user.is_authenticated:
            hide_relatives(page, request)
        return result

    return discreet


def hide_relatives(page: BasePage, request: HttpRequest) -> None:
    parent = page.get_parent()
    near = {parent.pk if parent else None, page.alias_of_id} - {None}
    public = set(get_pages_queryset(request).filter(pk__in=near).values_list("pk", flat=True))
    if parent is not None and parent.pk not in public:
        page._cached_parent_obj = None
    if page.alias_of_id not in public:
        page.alias_of = None

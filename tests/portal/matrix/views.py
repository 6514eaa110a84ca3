"""What a view says of itself: which methods it answers, and of what it shows one."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from tests.portal.test_parity import URLCONFS, methods_of

OURS = {pattern.callback for urls in URLCONFS.values() for pattern in urls.urlpatterns}
# These views do something for a POST alone, and only their code says so.
SENT = (
    "account/security/sessions/{pk}/end/",
    "admin/api/main/pages/{pk}/action/{action_name}/",
    "admin/logout/",
    "admin/pages/{page_id}/lock/",
    "admin/pages/{page_id}/unlock/",
    "admin/pages/{page_to_move_id}/set_position/",
)
METHODS = ("get", "post", "put", "patch", "delete")


def methods_of_view(view: Callable[..., Any], route: str) -> list[str]:
    """Each that does something; of others' pages the one that opens them.

    Wagtail asks who may before it asks how, so a page that opens stands for what it sends.
    """
    if view in OURS:
        return [one for one in ("GET", "POST") if one in methods_of(view)]
    if route in SENT:
        return ["POST"]
    known = _of_class(view) or _of_decorator(view) or ["GET"]
    return known if route.startswith("_allauth/") else known[:1]


def model_of_view(view: Callable[..., Any]) -> Any:
    for one in _layers(view):
        known = getattr(getattr(one, "view_class", None), "model", None)
        model = getattr(one, "view_initkwargs", {}).get("model") or known
        if isinstance(model, type):
            return model
    return None


def _of_class(view: Callable[..., Any]) -> list[str]:
    for one in _layers(view):
        if cls := getattr(one, "view_class", None):
            return [method.upper() for method in METHODS if hasattr(cls, method)]
    return []


def _of_decorator(view: Callable[..., Any]) -> list[str]:
    """What ``require_http_methods`` and its kin let through, reading first."""
    for one in _layers(view):
        if inspect.isfunction(one):
            kept = inspect.getclosurevars(one).nonlocals
            if "request_method_list" in kept:
                return sorted(set(kept["request_method_list"]) & {"GET", "POST"})
    return []


def _layers(view: Any) -> Iterator[Any]:
    while view is not None:
        yield view
        view = getattr(view, "__wrapped__", None)

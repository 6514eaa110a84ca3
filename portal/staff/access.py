"""Who may open which staff page, and what every staff page is rendered with."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRefresh

from accounts.models import User
from accounts.roles import RECONCILE, REFUND, RUN_DAY, TAKE_PAYMENTS

View = Callable[..., HttpResponseBase]


def staff_page(*permissions: str) -> Callable[[View], View]:
    """For people who hold one of `permissions`. Others get 403, the signed-out sign in first."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if request.headers.get("HX-Request") == "true":
                    # The board asks for its own refresh: the whole page must go to sign in.
                    refresh: HttpResponse = HttpResponseClientRefresh()
                    return refresh
                return redirect_to_login(request.get_full_path())
            if not any(request.user.has_perm(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return never_cache(guarded)

    return guard


def signed_in(request: HttpRequest) -> User:
    """The member of staff behind a guarded view."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def may(request: HttpRequest, permission: str) -> bool:
    return signed_in(request).has_perm(permission)


def navigation(request: HttpRequest) -> list[dict[str, str | bool]]:
    """The staff pages this person may open."""
    links: list[dict[str, str | bool]] = [
        {"label": "Start", "url": reverse("staff:home"), "exact": True}
    ]
    if may(request, RUN_DAY):
        links += [
            {"label": "Day", "url": reverse("staff:day")},
            {"label": "Week", "url": reverse("staff:week")},
            {"label": "Why?", "url": reverse("staff:why")},
        ]
    links.append({"label": "Reports", "url": reverse("staff:reports")})
    links.append({"label": "Runners", "url": reverse("staff:runners")})
    if may(request, TAKE_PAYMENTS) or may(request, RECONCILE):
        links.append({"label": "Cash\N{NON-BREAKING HYPHEN}up", "url": reverse("staff:till")})
    if any(may(request, one) for one in (TAKE_PAYMENTS, RECONCILE, REFUND)):
        links.append({"label": "Receipts", "url": reverse("staff:documents")})
    if may(request, REFUND) or may(request, RECONCILE):
        links.append({"label": "Refunds", "url": reverse("staff:refunds")})
        links.append({"label": "Disputes", "url": reverse("staff:disputes")})
    if may(request, RECONCILE):
        links += [
            {"label": "Reconciliation", "url": reverse("staff:reconciliation")},
            {"label": "Proof", "url": reverse("staff:proof")},
            {"label": "Bank", "url": reverse("staff:bank")},
            {"label": "Lots", "url": reverse("staff:lots")},
            {"label": "Events", "url": reverse("staff:events")},
        ]
    return links


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render a staff page with its navigation and what the person may do on it."""
    allowed = {
        "staff_nav": navigation(request),
        "may_run_day": may(request, RUN_DAY),
        "may_reconcile": may(request, RECONCILE),
        "may_take_payments": may(request, TAKE_PAYMENTS),
        "may_refund": may(request, REFUND),
    }
    return render(request, f"portal/staff/{template}", allowed | context, status=status)

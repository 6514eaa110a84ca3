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
from accounts.roles import (
    ADJUST_CREDITS,
    CLOSE_PERIODS,
    MERGE_CLIENTS,
    READ_AUDIT,
    RECONCILE,
    REFUND,
    RUN_DAY,
    TAKE_PAYMENTS,
    VIEW_CLIENTS,
    WORK_OWN_DAY,
)

View = Callable[..., HttpResponseBase]
Link = dict[str, str | bool]
# First parts of the addresses of pages about money.
MONEY = frozenset(
    "accounts adjustments bank charges credits disputes documents events exports journal lots"
    " mismatches orders payouts periods proof reconciliation refunds tables till"
    " transactions".split()
)


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


def navigation(request: HttpRequest, money: list[Link]) -> list[Link]:
    """The staff pages this person may open; those about money are one entry, with a row below."""
    links: list[Link] = [{"label": "Start", "url": reverse("staff:home"), "exact": True}]
    runs, reconciles = may(request, RUN_DAY), may(request, RECONCILE)
    if runs or may(request, WORK_OWN_DAY):
        links.append(_link("Day", "day"))
    if runs:
        links += [_link("Week", "week"), _link("Why?", "why")]
    if runs or reconciles:
        links.append(_link("Reports", "reports"))
    if may(request, VIEW_CLIENTS) or may(request, WORK_OWN_DAY):
        links.append(_link("Runners", "runners"))
    if may(request, READ_AUDIT):
        links.append(_link("Audit", "audit"))
    if money:
        here = about_money(request.path)
        links.append({"label": "Money", "url": money[0]["url"], "current": here})
    return links


def money_navigation(request: HttpRequest) -> list[Link]:
    """The pages about money this person may open, the one to begin with first."""
    decides = may(request, CLOSE_PERIODS) or may(request, ADJUST_CREDITS)
    takes, reconciles, refunds = (
        may(request, permission) for permission in (TAKE_PAYMENTS, RECONCILE, REFUND)
    )
    pages = (
        (reconciles, "Reconciliation", "reconciliation"),
        (takes or reconciles, "Cash\N{NON-BREAKING HYPHEN}up", "till"),
        (takes or reconciles or refunds, "Receipts", "documents"),
        (refunds or reconciles, "Refunds", "refunds"),
        (refunds or reconciles, "Disputes", "disputes"),
        (reconciles, "Bank", "bank"),
        (reconciles, "Lots", "lots"),
        (reconciles, "Proof", "proof"),
        (reconciles, "Accounts", "accounts"),
        (reconciles, "Periods", "periods"),
        (decides, "Second person", "adjustments"),
        (reconciles, "Exports", "exports"),
        (reconciles, "Events", "events"),
    )
    return [_link(label, name) for allowed, label, name in pages if allowed]


def about_money(path: str) -> bool:
    """Whether a staff page belongs to the row about money."""
    return path.removeprefix(reverse("staff:home")).partition("/")[0] in MONEY


def _link(label: str, name: str) -> Link:
    return {"label": label, "url": reverse(f"staff:{name}")}


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render a staff page with its navigation and what the person may do on it."""
    money = money_navigation(request)
    allowed = {
        "staff_nav": navigation(request, money),
        "money_nav": money if about_money(request.path) else [],
        "may_run_day": may(request, RUN_DAY),
        "may_mark": may(request, RUN_DAY) or may(request, WORK_OWN_DAY),
        "may_find_clients": may(request, VIEW_CLIENTS) or may(request, WORK_OWN_DAY),
        "may_merge_clients": may(request, MERGE_CLIENTS),
        "may_reconcile": may(request, RECONCILE),
        "may_take_payments": may(request, TAKE_PAYMENTS),
        "may_refund": may(request, REFUND),
        "may_read_audit": may(request, READ_AUDIT),
    }
    return render(request, f"portal/staff/{template}", allowed | context, status=status)

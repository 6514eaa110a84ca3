"""What does not match: the list, one of them, and the ways to settle it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import RECONCILE
from payments.banking import BankError
from payments.classifying import ClassificationError
from payments.days import practice_zone
from payments.linking import LinkError
from payments.models import Mismatch
from payments.refunding.errors import RefundingError
from payments.resolving import (
    ResolutionError,
    accept_suggestion,
    comment_on_mismatch,
    own_mismatch,
    resolve_mismatch,
)
from payments.selling import SellingError
from payments.stripe_gateway import GatewayDown, GatewayError
from portal.staff import mismatches as matching
from portal.staff.access import show, signed_in, staff_page
from portal.staff.forms import CommentForm, ResolutionForm

PAGE = 50
REFUSALS = (
    ResolutionError,
    LinkError,
    ClassificationError,
    BankError,
    RefundingError,
    SellingError,
)


@require_safe
@staff_page(RECONCILE)
def mismatches(request: HttpRequest) -> HttpResponse:
    """The open ones, with ?mine=1 those I look after, with ?state=resolved those closed."""
    wants_resolved = request.GET.get("state") == Mismatch.Status.RESOLVED
    wants_mine = request.GET.get("mine") == "1"
    rows = Mismatch.objects.select_related("order", "owner", "resolved_by")
    if wants_resolved:
        rows = rows.filter(status=Mismatch.Status.RESOLVED).order_by("-resolved_at")
    else:
        rows = rows.open()
    if wants_mine:
        rows = rows.filter(owner=signed_in(request))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    query = "state=resolved" if wants_resolved else "mine=1" if wants_mine else ""
    context = {
        "rows": matching.all_shown(page.object_list, at=timezone.now()),
        "page": page,
        "resolved": wants_resolved,
        "mine": wants_mine,
        "query": query,
    }
    return show(request, "mismatches.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RECONCILE)
def mismatch(request: HttpRequest, pk: int) -> HttpResponse:
    """One mismatch with every way to settle it; and the note that closes it."""
    found = _found(pk)
    form = ResolutionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["resolution"]
        resolve_mismatch(mismatch=found, resolution=note, by=signed_in(request), at=timezone.now())
        messages.success(request, "Resolved. It comes back by itself if it happens again.")
        return redirect("staff:mismatches")
    return _page(request, found, form, CommentForm(), 422 if form.errors else 200)


@require_POST
@staff_page(RECONCILE)
def acceptance(request: HttpRequest, pk: int) -> HttpResponse:
    """One tap: do what is suggested, and close what that settles."""
    found = _found(pk)
    key = request.POST.get("key", "")
    try:
        accepted = accept_suggestion(
            mismatch=found, by=signed_in(request), at=timezone.now(), key=key
        )
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:mismatch", pk)
    except GatewayError as trouble:
        messages.error(request, str(trouble) if isinstance(trouble, GatewayDown) else REFUSED)
        return redirect("staff:mismatch", pk)
    if accepted.is_settled:
        messages.success(request, accepted.done)
        return redirect(_back(request))
    messages.info(request, f"{accepted.done} It is not settled yet.")
    return redirect("staff:mismatch", pk)


REFUSED = "Stripe refused that. Nothing was changed."


def _back(request: HttpRequest) -> str:
    """To the list the tap was made in."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("staff:mismatches")


@require_POST
@staff_page(RECONCILE)
def ownership(request: HttpRequest, pk: int) -> HttpResponse:
    """I look after it; or nobody does."""
    wants = request.POST.get("owner") == "me"
    own_mismatch(mismatch=_found(pk), owner=signed_in(request) if wants else None)
    messages.success(request, "It is yours." if wants else "It is nobody's now.")
    return redirect("staff:mismatch", pk)


@require_POST
@staff_page(RECONCILE)
def comments(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found out on the way."""
    found = _found(pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _page(request, found, ResolutionForm(), form, 422)
    text = form.cleaned_data["text"]
    comment_on_mismatch(mismatch=found, text=text, by=signed_in(request), at=timezone.now())
    return redirect(reverse("staff:mismatch", args=[pk]) + "#comments")


def _found(pk: int) -> Mismatch:
    rows = Mismatch.objects.select_related("order", "owner", "resolved_by")
    return get_object_or_404(rows, pk=pk)


def _page(
    request: HttpRequest,
    found: Mismatch,
    form: ResolutionForm,
    comment: CommentForm,
    status: int,
) -> HttpResponse:
    earlier = Mismatch.objects.filter(
        code=found.code, about=found.about, status=Mismatch.Status.RESOLVED
    ).exclude(pk=found.pk)
    context = {
        "row": matching.shown(found, at=timezone.now()),
        "form": form,
        "comment": comment,
        "comments": found.comments.select_related("author"),
        "earlier": earlier.select_related("resolved_by").order_by("-resolved_at")[:5],
        "is_mine": found.owner == signed_in(request),
        "zone": practice_zone(),
    }
    return show(request, "mismatch.html", context, status=status)

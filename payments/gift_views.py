"""The pages of a gift: claimed by whoever it is for, sent again by its buyer."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from payments.forms import ClaimForm, SendAgainForm
from payments.gifting import claim, send_again, state_of
from payments.models import Gift
from payments.selling_errors import SellingError


@never_cache
@require_http_methods(["GET", "POST"])
def gift(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What somebody was given, and the button that makes it theirs."""
    found = get_object_or_404(Gift.objects.select_related("order"), public_id=public_id)
    if request.method == "GET":
        code = request.GET.get("code", "")
        return _page(request, found, ClaimForm(initial={"code": code}))
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    form = ClaimForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        claim(gift=found, code=form.cleaned_data["code"], by=request.user, at=timezone.now())
    except SellingError as refusal:
        form.add_error("code", str(refusal))
        return _page(request, found, form, status=409)
    return redirect("payments:gift", public_id)


def _page(request: HttpRequest, found: Gift, form: ClaimForm, *, status: int = 200) -> HttpResponse:
    here = request.get_full_path()
    context = {
        "state": state_of(found),
        "is_mine": request.user.is_authenticated and found.claimed_by_id == request.user.pk,
        "form": form,
        "sign_in_url": f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': here})}",
    }
    return render(request, "payments/gift.html", context, status=status)


@never_cache
@login_required
@require_POST
def gift_sending(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The buyer sends an unclaimed gift again, to a corrected address if need be."""
    found = get_object_or_404(Gift, order__public_id=public_id, order__buyer_id=request.user.pk)
    form = SendAgainForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["to_email"][0]))
        return redirect(found.order)
    try:
        send_again(gift=found, to_email=form.address(), at=timezone.now())
    except SellingError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("Sent to %(address)s. The code of before has ended.") % {"address": form.address()},
        )
    return redirect(found.order)

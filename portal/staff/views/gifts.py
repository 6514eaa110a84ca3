"""A gift that did not arrive: staff send it again, to the right address."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.roles import RECONCILE
from payments.forms import SendAgainForm
from payments.gifting import send_again
from payments.models import Gift
from payments.selling_errors import SellingError
from portal.staff.access import staff_page


@require_POST
@staff_page(RECONCILE)
def sending(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Mail it anew; the code of the mail before ends."""
    found = get_object_or_404(Gift, order__public_id=public_id)
    form = SendAgainForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["to_email"][0]))
        return redirect("staff:order", public_id)
    try:
        send_again(gift=found, to_email=form.address(), at=timezone.now())
    except SellingError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Sent to {form.address()}.")
    return redirect("staff:order", public_id)

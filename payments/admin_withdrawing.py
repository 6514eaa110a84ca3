"""The admin's step before something goes off sale: the pages that show it."""

from typing import Any

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.views import generic

from payments.models import Package
from payments.withdrawing import mentions_of

GOES = "withdraw"


class WithdrawingEditView(generic.EditView):
    """Saved at once, but what takes something from pages, a new code too, is asked about first."""

    def form_valid(self, form: Any) -> HttpResponseBase:
        before = self.model._default_manager.get(pk=form.instance.pk)
        goes = _is_shown(before) and not _is_shown(form.instance)
        asked = GOES in self.request.POST or not (goes or before.code != form.instance.code)
        if not asked and (found := mentions_of(before)):
            return self._ask(found)
        response: HttpResponseBase = super().form_valid(form)
        return response

    def _ask(self, found: list[Any]) -> HttpResponseBase:
        """409, because nothing was saved; the form is carried along as it was sent."""
        context = {
            "breadcrumbs_items": self.get_breadcrumbs_items(),
            "header_title": _("Before it goes off sale"),
            "header_icon": "warning",
            "sold": self.object,
            "mentions": found,
            "carried": [
                (name, value)
                for name, values in self.request.POST.lists()
                if name != "csrfmiddlewaretoken"
                for value in values
            ],
            "back_url": self.request.get_full_path(),
        }
        return TemplateResponse(self.request, "payments/admin/withdraw.html", context, status=409)


def _is_shown(sold: Any) -> bool:
    """Whether pages may show it: not by the clock of a sale to come, which ends by itself."""
    hidden = isinstance(sold, Package) and (
        sold.visibility == Package.Visibility.HIDDEN
        or (sold.on_sale_until is not None and sold.on_sale_until <= timezone.now())
    )
    return bool(sold.is_active) and not hidden

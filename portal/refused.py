"""Addresses of Wagtail and allauth that have no place here, or one use less than theirs."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_POST
from wagtail.admin.views.account import LogoutView

from portal.mended import mend

mend()


def nothing_here(request: HttpRequest, **parts: str) -> HttpResponseBase:
    raise Http404


urlpatterns = [
    # Wagtail raises an exception there, to try the page of it.
    path("admin/failwhale/", nothing_here),
    # Wagtail forgets the session's cookie on a GET too, so any picture could sign staff out.
    path("admin/logout/", require_POST(LogoutView.as_view())),
    # We keep no phone numbers to sign in by; allauth answers with an exception.
    path("_allauth/<str:client>/v1/account/phone", nothing_here),
    path("_allauth/<str:client>/v1/auth/phone/verify", nothing_here),
    path("_allauth/<str:client>/v1/auth/phone/verify/resend", nothing_here),
]

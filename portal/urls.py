"""Addresses of the portal. Addresses are nouns; what changes state is a POST."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.cache import cache_control
from django.views.generic import RedirectView
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.api.v3.urls import api
from wagtail.documents import urls as wagtaildocs_urls

from portal import health, mailbox, refused
from portal.demo import factors
from portal.security_txt import security_txt
from portal.styleguide import styleguide

# Wagtail's own password forms would be a second door past the second factor.
_SIGN_IN = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path(".well-known/security.txt", security_txt),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/authenticator/", factors.authenticator, name="demo_authenticator"),
    path("mailbox/<str:name>/", mailbox.letter, name="mailbox_letter"),
    path("mailbox/<str:name>/html/", mailbox.letter_html, name="mailbox_letter_html"),
    path("admin/login/", _SIGN_IN),
    path("admin/password_reset/", _SIGN_IN),
    *refused.urlpatterns,
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("accounts/2fa/", RedirectView.as_view(pattern_name="security")),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("accounts.resetting")),
    path("_allauth/", include("allauth.headless.urls")),
    path("api/v1/", api.urls),
    path("styleguide/", styleguide, name="styleguide"),
]
if settings.SERVE_MEDIA:
    # Good enough for one practice; docs/operations.md shows how a proxy takes it over.
    urlpatterns += [
        re_path(
            # Documents have rights and are downloads: they leave by /documents/ only.
            # Names as the portal gives them; a longer one is more than a disk can look for.
            r"^media/(?P<path>(?!documents/)(?:[0-9A-Za-z_][!-.0-~]{0,150}/){0,8}"
            r"[0-9A-Za-z_][!-.0-~]{0,150})$",
            cache_control(public=True, max_age=31_536_000, immutable=True)(serve),
            {"document_root": settings.MEDIA_ROOT},
        )
    ]
urlpatterns += [
    path("", include("payments.urls")),
    path("", include("scheduling.urls")),
    path("account/security/", include("accounts.urls")),
    path("account/", include("portal.account.urls")),
    path("staff/", include("portal.staff.urls")),
    # Content in other languages has their code in front: /de/journal/.
    *i18n_patterns(
        path("", include("cms.urls")),
        path("_util/login/", _SIGN_IN),
        path("", include(wagtail_urls)),
        prefix_default_language=False,
    ),
]

"""Messages said once: Django's cookie under a name that binds it to this host."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class OurCookie(CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class CookieOrSession(FallbackStorage):
    """What is too long for a cookie goes into the session."""

    storage_classes = (OurCookie, SessionStorage)

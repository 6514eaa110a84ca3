"""WSGI entry point: a cache of public pages, and the portal behind it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
portal = get_wsgi_application()

from cms.page_cache import PageCache  # noqa: E402 - after the applications are ready
from cms.purging import content_version  # noqa: E402

application = PageCache(portal, content_version())

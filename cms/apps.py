"""Application configuration."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from cms import purging

        purging.watch()
        from cms.uploads.guarding import stand_guard

        stand_guard()

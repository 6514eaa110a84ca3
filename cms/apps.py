"""Application configuration."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from cms.forms.letters import register
        from cms.uploads.guarding import stand_guard

        register()
        stand_guard()

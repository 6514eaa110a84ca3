"""Application configuration."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from cms import mentioning, overriding, purging, redirecting
        from cms.forms.letters import register
        from cms.uploads.guarding import stand_guard
        from cms.webhooks.recording import listen
        from payments.withdrawing import looks_for

        purging.watch()
        register()
        stand_guard()
        overriding.watch()
        redirecting.watch()
        looks_for(mentioning.mentions_on_pages)
        listen()

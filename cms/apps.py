"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from cms import (
            api_tokens,
            attribution,
            guards,
            mentioning,
            overriding,
            policies,
            purging,
            redirecting,
        )
        from cms.forms.letters import register
        from cms.mail_texts import wording
        from cms.uploads.guarding import stand_guard
        from cms.webhooks.recording import listen
        from payments.agreeing import knows_texts
        from payments.attributing import describes
        from payments.withdrawing import looks_for

        for part in (api_tokens, purging, overriding, redirecting, policies):
            part.watch()
        register()
        wording.register(self)
        stand_guard()
        listen()
        looks_for(mentioning.mentions_on_pages)
        knows_texts(policies.texts_for)
        describes(attribution.described)
        post_migrate.connect(guards.put_back, sender=self, dispatch_uid="cms.guards")

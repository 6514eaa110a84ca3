"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from wagtail.signals import page_published

        from cms import attribution, guards, policies
        from cms.models import PolicyPage
        from payments.agreeing import knows_texts
        from payments.attributing import describes
        from payments.signals import rules_saved

        post_migrate.connect(guards.put_back, sender=self, dispatch_uid="cms.guards")
        page_published.connect(
            policies.page_was_published, sender=PolicyPage, dispatch_uid="cms.policy_published"
        )
        rules_saved.connect(policies.rules_were_saved, dispatch_uid="cms.rules_saved")
        knows_texts(policies.texts_for)
        describes(attribution.described)

"""Application configuration."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from django.db.models.signals import pre_save
        from wagtail.contrib.redirects.models import Redirect
        from wagtail.signals import page_published, page_slug_changed, post_page_move

        from cms import mentioning, overriding, redirecting
        from payments.withdrawing import looks_for

        page_published.connect(overriding.page_was_published, dispatch_uid="cms.override")
        page_slug_changed.connect(redirecting.forget_own_address, dispatch_uid="cms.renamed")
        post_page_move.connect(redirecting.forget_own_address, dispatch_uid="cms.moved")
        pre_save.connect(redirecting.point_at_pages, sender=Redirect, dispatch_uid="cms.redirect")
        looks_for(mentioning.mentions_on_pages)

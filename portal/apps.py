"""Application configurations of the portal."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Pages, staff screens and commands that combine several apps."""

    name = "portal"
    default = True

    def ready(self) -> None:
        from accounts.claiming import account_claimed
        from accounts.failed_tries import many_failed
        from accounts.mailing import surround_with
        from payments.disputing.evidence import contributes
        from portal import (
            line_checks,  # noqa: F401 - registers its check
            sign_in_alarm,
        )
        from portal.account.claimed import greet
        from portal.context import facts
        from portal.evidence import sign_ins
        from portal.invariants import proving

        surround_with(facts)
        contributes(sign_ins)
        account_claimed.connect(greet, dispatch_uid="portal.claimed")
        proving.register()
        sign_in_alarm.register()
        many_failed.connect(sign_in_alarm.ring, dispatch_uid="portal.sign_in_alarm")


class PortalAPIConfig(AppConfig):
    """Joins our API routers to Wagtail's, once every Wagtail app has registered its own."""

    name = "portal.api"
    label = "portal_api"

    def ready(self) -> None:
        from portal.api.join import join_routers

        join_routers()

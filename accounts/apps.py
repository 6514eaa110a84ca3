"""Application configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed, user_logged_in
        from django.db.models.signals import post_migrate, post_save, pre_migrate

        from accounts import guards, intake_guards, key_checks  # noqa: F401 - registers its checks
        from accounts.consents import Consent
        from accounts.health_data import forget_when_withdrawn
        from accounts.joining import keep_details_after_second_factor, remember_proven_address
        from accounts.roles import hand_out

        authentication_step_completed.connect(
            remember_proven_address, dispatch_uid="accounts.remember_proven_address"
        )
        user_logged_in.connect(
            keep_details_after_second_factor, dispatch_uid="accounts.keep_details"
        )
        post_migrate.connect(hand_out, dispatch_uid="accounts.hand_out")
        post_migrate.connect(guards.put_back, sender=self, dispatch_uid="accounts.guards")
        pre_migrate.connect(
            intake_guards.lift, sender=self, dispatch_uid="accounts.intake_guards.lift"
        )
        post_migrate.connect(
            intake_guards.put_back, sender=self, dispatch_uid="accounts.intake_guards"
        )
        post_save.connect(
            forget_when_withdrawn, sender=Consent, dispatch_uid="accounts.forget_when_withdrawn"
        )

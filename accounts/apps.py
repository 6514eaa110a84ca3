"""Application configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed, user_logged_in
        from django.db.models.signals import post_migrate
        from django.utils.module_loading import autodiscover_modules

        from accounts import erasure_letters, guards
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
        erasure_letters.register()
        # Of every app, the upper ones first: they lean on those below.
        autodiscover_modules("personal", "leaving", "retaining")

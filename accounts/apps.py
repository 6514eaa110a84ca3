"""Application configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed
        from django.db.models.signals import post_migrate

        from accounts.joining import remember_proven_address
        from accounts.roles import hand_out

        authentication_step_completed.connect(
            remember_proven_address, dispatch_uid="accounts.remember_proven_address"
        )
        post_migrate.connect(hand_out, dispatch_uid="accounts.hand_out")

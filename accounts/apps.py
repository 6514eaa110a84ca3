"""Application configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed

        from accounts.joining import remember_proven_address

        authentication_step_completed.connect(
            remember_proven_address, dispatch_uid="accounts.remember_proven_address"
        )

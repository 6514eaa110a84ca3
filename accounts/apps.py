"""Application configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import (
            authentication_step_completed,
            email_changed,
            user_logged_in,
        )
        from allauth.mfa.signals import authenticator_added
        from django.contrib.auth import signals as signing
        from django.db.models.signals import post_migrate

        from accounts import session_limits
        from accounts.joining import keep_details_after_second_factor, remember_proven_address
        from accounts.noticing import tell_new_address
        from accounts.roles import hand_out
        from accounts.second_factor import count_new_factor_as_shown

        authentication_step_completed.connect(
            remember_proven_address, dispatch_uid="accounts.remember_proven_address"
        )
        user_logged_in.connect(
            keep_details_after_second_factor, dispatch_uid="accounts.keep_details"
        )
        signing.user_logged_in.connect(session_limits.begin, dispatch_uid="accounts.begin_session")
        signing.user_logged_out.connect(session_limits.end, dispatch_uid="accounts.end_session")
        authenticator_added.connect(
            count_new_factor_as_shown, dispatch_uid="accounts.count_new_factor"
        )
        email_changed.connect(tell_new_address, dispatch_uid="accounts.tell_new_address")
        post_migrate.connect(hand_out, dispatch_uid="accounts.hand_out")

"""Application configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import (
            authentication_step_completed,
            email_changed,
            email_confirmed,
            user_logged_in,
        )
        from allauth.mfa.signals import authenticator_added
        from django.contrib.auth import signals as signing
        from django.db.models.signals import post_migrate, post_save, pre_migrate
        from django.utils.module_loading import autodiscover_modules

        from accounts import (
            erasure_letters,
            guards,
            intake_guards,
            key_checks,  # noqa: F401 - registers its checks
            name_guards,
            passkey_answers,
            permission_changes,
            security_log,
            session_limits,
        )
        from accounts.claiming import confirmed
        from accounts.consents import Consent
        from accounts.health_data import forget_when_withdrawn
        from accounts.joining import keep_details_after_second_factor, remember_proven_address
        from accounts.noticing import tell_new_address
        from accounts.second_factor import count_new_factor_as_shown

        authentication_step_completed.connect(
            remember_proven_address, dispatch_uid="accounts.remember_proven_address"
        )
        authentication_step_completed.connect(
            session_limits.renew, dispatch_uid="accounts.renew_session"
        )
        user_logged_in.connect(
            keep_details_after_second_factor, dispatch_uid="accounts.keep_details"
        )
        signing.user_logged_in.connect(session_limits.begin, dispatch_uid="accounts.begin_session")
        authenticator_added.connect(
            count_new_factor_as_shown, dispatch_uid="accounts.count_new_factor"
        )
        email_changed.connect(tell_new_address, dispatch_uid="accounts.tell_new_address")
        email_confirmed.connect(confirmed, dispatch_uid="accounts.address_confirmed")
        post_migrate.connect(guards.put_back, sender=self, dispatch_uid="accounts.guards")
        erasure_letters.register()
        # Of every app, the upper ones first: they lean on those below.
        autodiscover_modules("personal", "leaving", "retaining")
        pre_migrate.connect(
            intake_guards.lift, sender=self, dispatch_uid="accounts.intake_guards.lift"
        )
        post_migrate.connect(
            intake_guards.put_back, sender=self, dispatch_uid="accounts.intake_guards"
        )
        post_save.connect(
            forget_when_withdrawn, sender=Consent, dispatch_uid="accounts.forget_when_withdrawn"
        )
        post_migrate.connect(permission_changes.hand_out, dispatch_uid="accounts.hand_out")
        permission_changes.watch()
        security_log.watch()
        passkey_answers.refuse_nonsense()
        name_guards.watch()

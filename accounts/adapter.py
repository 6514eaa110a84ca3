"""Where allauth meets our habits: one case for addresses, our mails, our words."""

import logging
from typing import Any, ClassVar, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import failed_tries
from accounts.addresses import as_stored
from accounts.joining import add_nobody, look_for_nobody
from accounts.mailing import MailUnavailable, compose
from accounts.models import User
from accounts.names import refusals
from accounts.noticing import owe_notice
from accounts.second_factor import is_member_of_staff
from accounts.security_log import note
from accounts.security_pages import would_like_passkey

log = logging.getLogger(__name__)
# allauth's name of a refusal, and the security log's.
REFUSED: Final = {
    "incorrect_code": "code_refused",
    "too_many_login_attempts": "too_many_tries",
    "rate_limited": "too_many_tries",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": "That is not the code in the mail.",
        "too_many_login_attempts": "That is a lot of tries. Please wait a few minutes.",
        "rate_limited": "That is a lot at once. Please wait a minute, then try again.",
        "email_password_mismatch": "This address and password do not belong together.",
    }

    def clean_email(self, email: str) -> str:
        stored = as_stored(email)
        asker = getattr(self.request, "user", None)
        if isinstance(asker, User) and is_member_of_staff(asker):  # so it is to be hers
            found = refusals(name=asker.name, email=stored, person=asker.pk)
            if "email" in found:
                raise ValidationError(found["email"], code="looks_like_another")
        return stored

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """What allauth refuses by a sentence alone is counted, and in the security log, too."""
        failed_tries.count(context.request, code)
        if event := REFUSED.get(code):
            note(event, context.request)
        refusal: ValidationError = super().validation_error(code, *args)
        return refusal

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor's address, as the trusted proxies saw it.

        A header with fewer hops than we have proxies came around them: nobody vouches for it.
        """
        try:
            ip: str = super().get_client_ip(request)
        except ImproperlyConfigured:
            ip = str(request.META["REMOTE_ADDR"])
        return ip

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where nobody was going anywhere else, a passkey is offered, after the sign-in."""
        if would_like_passkey(request):
            return reverse("passkey_offer")
        where_to: str = super().get_login_redirect_url(request)
        return where_to

    def send_account_already_exists_mail(self, email: str) -> None:
        add_nobody(with_address=True)
        super().send_account_already_exists_mail(email)

    def generate_password_reset_code(self) -> str:
        """Asked for known addresses only."""
        look_for_nobody(times=1)
        return str(super().generate_password_reset_code())

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Owed, not sent: what was done stays done while the mail server is away."""
        to = email or EmailAddress.objects.get_primary_email(user) or user.email
        owe_notice(template_prefix, to=to, user=user, at=timezone.now())

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        to = email if isinstance(email, str) else email[0]
        return compose(
            to=to,
            subject=render_to_string(f"{template_prefix}_subject.txt", context),
            text_template=f"{template_prefix}_message.txt",
            html_template=f"{template_prefix}_message.html",
            context=context,
            headers=headers,
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send at once: a code is no use later, so no outbox here.

        Raises:
            MailUnavailable: the mail server did not take it; nothing is left behind.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # smtplib's errors are OSErrors too
            log.exception("The mail %s was not taken", template_prefix)
            raise MailUnavailable from error

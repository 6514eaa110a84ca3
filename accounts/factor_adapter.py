"""Where allauth's second factor meets our names, words and pictures."""

from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError

from accounts import failed_tries, sealed_factors
from accounts.models import User


class FactorAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "These are not the digits your app shows now. Type the next ones.",
        "unverified_email": "First prove your email address, then set up a second factor.",
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        failed_tries.count(self.request, code)
        error: ValidationError = super().validation_error(code, *args)
        return error

    def encrypt(self, text: str) -> str:
        """Neither the database nor its backups show anybody's digits."""
        return sealed_factors.sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealed_factors.opened(encrypted_text)

    def get_totp_issuer(self) -> str:
        """What the entry in the app is called; never the host a proxy happened to use."""
        return str(settings.WAGTAIL_SITE_NAME)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        known: dict[str, str] = super().get_public_key_credential_rp_entity()
        return known | {"name": str(settings.WAGTAIL_SITE_NAME)}

    def build_totp_svg(self, url: str) -> str:
        """On white, or a dark page would swallow the picture."""
        before, path, after = super().build_totp_svg(url).partition("<path")
        return f'{before}<rect width="100%" height="100%" fill="#fff"/>{path}{after}'

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

"""What Wagtail and allauth answer with an exception, found by hostile requests, or let through.

Each is mended at its place, and goes when they have mended it.
"""

from typing import Any

from allauth.headless.mfa.views import SignupWebAuthnView
from allauth.mfa import app_settings as mfa
from allauth.mfa.totp.internal.auth import TOTP
from django import forms
from django.core.cache import cache
from django.core.signing import BadSignature
from wagtail.admin.forms.choosers import URLOrAbsolutePathValidator
from wagtail.contrib.redirects.forms import ConfirmImportManagementForm
from wagtail.documents.models import AbstractDocument

_kwargs_of_signup = SignupWebAuthnView.get_input_kwargs
_clean_document = AbstractDocument.clean
_is_path = URLOrAbsolutePathValidator.is_absolute_path


def kwargs_with_a_user(self: SignupWebAuthnView) -> dict[str, Any]:
    """A passkey sent without a sign-up before it has nobody: the view then says 409 itself."""
    kwargs: dict[str, Any] = _kwargs_of_signup(self)
    if self.request.method == "PUT":
        kwargs.setdefault("user", None)
    return kwargs


def is_path(value: str | None) -> bool:
    """A form without its address has None there."""
    return value is not None and bool(_is_path(value))


def cleaned_import(self: ConfirmImportManagementForm) -> dict[str, Any]:
    """The second step of an import of redirects without its first, or with another's signature."""
    cleaned: dict[str, Any] = self.cleaned_data
    for key in ("import_file_name", "input_format"):
        try:
            cleaned[key] = self.signer.unsign(cleaned.get(key, ""))
        except BadSignature:
            raise forms.ValidationError("Send the file again.") from None
    return cleaned


def mark_code_used(self: TOTP, code: str) -> bool:
    """Six digits work once: allauth forgets after one period, while tolerance keeps them good."""
    periods = 1 + 2 * mfa.TOTP_TOLERANCE
    key = self._get_used_cache_key(code)
    return bool(cache.add(key, "y", timeout=periods * mfa.TOTP_PERIOD))


def cleaned_document(self: AbstractDocument) -> None:
    """One whose file is set after the rest was looked at; the file was, when it was uploaded."""
    if self.file:
        _clean_document(self)


def mend() -> None:
    """Called once, when the addresses are put together."""
    SignupWebAuthnView.get_input_kwargs = kwargs_with_a_user
    URLOrAbsolutePathValidator.is_absolute_path = staticmethod(is_path)
    ConfirmImportManagementForm.clean = cleaned_import
    TOTP._mark_code_used = mark_code_used
    AbstractDocument.clean = cleaned_document

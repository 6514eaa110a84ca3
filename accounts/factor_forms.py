"""The forms of the second factor, with labels that say what goes where."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm, SignupWebAuthnForm
from django import forms

OF_APP_OR_CODE = "From your app. One of your recovery codes works too."


def _digits(hint: str) -> forms.CharField:
    return forms.CharField(
        label="Six digits",
        help_text=hint,
        error_messages={"required": "Type the six digits your app shows."},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )


def _name() -> forms.CharField:
    return forms.CharField(
        label="What to call it",
        help_text="So that you know it among others: My phone, the laptop at the desk.",
        max_length=80,
        required=False,
    )


class ShowFactor(AuthenticateForm):
    code = _digits(OF_APP_OR_CODE)


class ShowFactorAgain(ReauthenticateForm):
    code = _digits(OF_APP_OR_CODE)


class SetUpApp(ActivateTOTPForm):
    code = _digits("What the app shows once it knows us.")


class AddPasskey(AddWebAuthnForm):
    """A passkey signs in by itself unless she says otherwise."""

    name = _name()
    passwordless = forms.BooleanField(
        label="Sign in with it alone, without a code or a password",
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = ""


class JoinWithPasskey(SignupWebAuthnForm):
    name = _name()


class RenamePasskey(EditWebAuthnForm):
    name = _name()

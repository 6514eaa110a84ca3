"""allauth's forms with our labels, and without placeholders: those vanish when somebody types."""

from typing import Any, ClassVar

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmPasswordResetCodeForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
    SignupForm,
)
from allauth.socialaccount.forms import SignupForm as SocialSignupForm
from django import forms

EMAIL = "Email address"
PASSWORD_RULE = "At least 15 characters. A few words in a row are easy to remember."  # noqa: S105


class Plain(forms.Form):
    """Labels by field; the rest is allauth's."""

    labels: ClassVar[dict[str, str]] = {}
    hints: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, field.help_text)


class SignInByPassword(Plain, LoginForm):
    """The page has a link of its own for whoever forgot it."""

    labels: ClassVar[dict[str, str]] = {"login": EMAIL}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class Join(Plain, SignupForm):
    labels: ClassVar[dict[str, str]] = {"email": EMAIL}


class CodeForAddress(Plain, ConfirmEmailVerificationCodeForm):
    pass


class CodeForPassword(Plain, ConfirmPasswordResetCodeForm):
    pass


class _NewPassword(Plain):
    labels: ClassVar[dict[str, str]] = {
        "oldpassword": "Your password now",
        "password1": "New password",
        "password2": "The new one again",
    }
    hints: ClassVar[dict[str, str]] = {"password1": PASSWORD_RULE}


class ChangePassword(_NewPassword, ChangePasswordForm):
    pass


class SetPassword(_NewPassword, SetPasswordForm):
    pass


class PasswordAfterCode(_NewPassword, ResetPasswordKeyForm):
    pass


class AskForPasswordCode(Plain, ResetPasswordForm):
    labels: ClassVar[dict[str, str]] = {"email": EMAIL}


class ChangeAddress(Plain, AddEmailForm):
    labels: ClassVar[dict[str, str]] = {"email": "New email address"}
    hints: ClassVar[dict[str, str]] = {
        "email": "We send a code there, and tell both addresses once it has changed."
    }


class TypePasswordAgain(Plain, ReauthenticateForm):
    labels: ClassVar[dict[str, str]] = {"password": "Your password"}


class JoinFromElsewhere(Plain, SocialSignupForm):
    """After a sign-in by a service that told us no address we can rely on."""

    labels: ClassVar[dict[str, str]] = {"email": EMAIL}

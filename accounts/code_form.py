"""The forms of the sign-in page: an address, known or not, then the code."""

from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from django import forms
from django.utils import timezone

from accounts.addresses import as_stored
from accounts.joining import find_or_add
from accounts.models import User


class SignInOrJoin(RequestLoginCodeForm):
    """allauth's form mails strangers that they are strangers; ours lets them in."""

    _user: User | None
    email = forms.EmailField(label="Email address")

    def clean_email(self) -> str:
        email = as_stored(super().clean_email())
        if email:  # for a known address, too: whoever has one takes as long as who has none
            self._user = find_or_add(email, at=timezone.now())
        return email


class TypeTheCode(ConfirmLoginCodeForm):
    """Without a placeholder: the label and the hint say what goes here."""

    code = forms.CharField(label="Code", error_messages={"required": "Type the six digits."})

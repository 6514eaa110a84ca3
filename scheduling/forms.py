"""What a runner types while booking. Words for the eye only: acts and constraints decide."""

from django import forms
from django.core.validators import RegexValidator

EMAIL_WORDS = "Enter an email address, like name@example.com"


class DetailsForm(forms.Form):
    """Who the session is for. Name and email are asked once in a journey."""

    name = forms.CharField(
        max_length=120, error_messages={"required": "Enter the name we should call you by"}
    )
    email = forms.EmailField(
        max_length=254,
        help_text="For your confirmation and a six-digit code to sign in. No password needed.",
        error_messages={"required": EMAIL_WORDS, "invalid": EMAIL_WORDS},
    )
    mobile = forms.CharField(
        max_length=32,
        required=False,
        help_text="Only if something changes on the day.",
        validators=[
            RegexValidator(
                r"^\+?[0-9][0-9 ()./-]{5,}$",
                "Enter a phone number with digits only, like 07700 900123",
            )
        ],
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class EmailForm(forms.Form):
    """Where to tell her: the one field of waiting for a time."""

    email = forms.EmailField(
        max_length=254,
        help_text="For the mail when a time opens up, and now a six-digit code. No password.",
        error_messages={"required": EMAIL_WORDS, "invalid": EMAIL_WORDS},
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class CodeForm(forms.Form):
    """The code from the mail. Spaces and dashes from pasting do not matter."""

    code = forms.CharField(
        max_length=40,
        error_messages={"required": "Enter the six digits from the mail"},
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).replace("-", " ").split())

"""What a buyer types. Words for the eye only: acts and constraints decide."""

from django import forms

from payments.gifting import GiftWish

EMAIL_WORDS = "Enter an email address, like name@example.com"


class PromotionForm(forms.Form):
    """The one field of a code. It is asked by GET, so that a letter may link to it."""

    code = forms.CharField(label="Promotion code", max_length=40, required=False)


class GiftForm(forms.Form):
    """Who gives, and to whom."""

    to_name = forms.CharField(
        label="Their name",
        max_length=120,
        error_messages={"required": "Enter the name of the person it is for"},
    )
    to_email = forms.EmailField(
        label="Their email address",
        max_length=254,
        help_text="We send the gift there, and only that address can claim it.",
        error_messages={"required": EMAIL_WORDS, "invalid": EMAIL_WORDS},
    )
    from_name = forms.CharField(
        label="Your name, as they know you",
        max_length=120,
        error_messages={"required": "Enter your name, so that they know who it is from"},
    )
    message = forms.CharField(
        label="A few words", max_length=500, required=False, widget=forms.Textarea
    )

    def wish(self) -> GiftWish:
        """Of a valid form."""
        return GiftWish(
            from_name=self.cleaned_data["from_name"],
            to_name=self.cleaned_data["to_name"],
            to_email=str(self.cleaned_data["to_email"]).lower(),
            message=self.cleaned_data["message"],
        )


class SendAgainForm(forms.Form):
    """The address of a gift, which may have been written wrongly."""

    to_email = forms.EmailField(
        label="Their email address",
        max_length=254,
        error_messages={"required": EMAIL_WORDS, "invalid": EMAIL_WORDS},
    )

    def address(self) -> str:
        return str(self.cleaned_data["to_email"]).lower()


class ClaimForm(forms.Form):
    """The code of the mail. Spaces, dashes and small letters do not matter."""

    code = forms.CharField(
        label="Code", max_length=40, error_messages={"required": "Enter the code from the mail"}
    )

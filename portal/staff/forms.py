"""What staff type: reasons, kept with what they explain."""

from django import forms


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=200,
        help_text="Kept with your name and the time. The mail says that we cancelled, not why.",
        error_messages={"required": "Say why, in a few words."},
    )


class ResolutionForm(forms.Form):
    resolution = forms.CharField(
        label="What you did",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with your name and the time.",
        error_messages={"required": "Say how it was resolved, in a few words."},
    )


class CalendarForm(forms.Form):
    """An imported calendar; whether its address may be asked is judged by the act."""

    label = forms.CharField(
        label="Name", max_length=60, initial="Private", help_text="For you: Private, Club."
    )
    url = forms.CharField(
        label="Secret address",
        max_length=500,
        help_text="The calendar's ICS address. It starts with https:// or webcal://.",
    )

"""What staff type about a client."""

from django import forms

from accounts.client_notes import ClientNote
from accounts.noting import LONGEST


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Nothing about health: that belongs in the health questions, where it is"
        " encrypted and every look at it is logged.",
        error_messages={"required": "Write something first."},
    )
    audience = forms.ChoiceField(
        label="Who may read it", choices=ClientNote.Audience.choices, initial="team"
    )


class FlagsForm(forms.Form):
    """R8. The client reads only that she should please contact us."""

    must_call = forms.BooleanField(
        label="Does not book online",
        required=False,
        help_text="They read: please call us before you book.",
    )
    must_prepay = forms.BooleanField(
        label="Pays before booking",
        required=False,
        help_text="The desk books nothing for them that is still to be paid.",
    )
    alert = forms.CharField(
        label="Tell staff",
        required=False,
        max_length=200,
        help_text="Shown to staff when they book and arrive. Nothing about health.",
    )


class MergeForm(forms.Form):
    why = forms.CharField(
        label="How do you know that they are one person?",
        max_length=200,
        help_text="Kept with your name and the time.",
        error_messages={"required": "Say how you know that they are one person."},
    )

"""The questions of a version as a form: on the page, in the preview and for the API."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.intake_forms import IntakeForm, IntakeQuestion, Kind

SHORTEST, LONGEST = 200, 2000
AGREES: Final = "agrees"
_ANSWER = _("Please answer this question.")
_PICK = _("Please choose one.")


class QuestionsForm(forms.Form):
    """One field a question, and the consent everything rests on."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        questions: IntakeForm,
        earlier: Mapping[str, Any] | None = None,
    ) -> None:
        """`earlier` are answers by question key, offered again."""
        known = earlier or {}
        keys = {name_of(one): str(one.key) for one in questions.all_questions}
        super().__init__(
            data, initial={name: known[key] for name, key in keys.items() if key in known}
        )
        self.keys = keys
        for question in questions.all_questions:
            self.fields[name_of(question)] = _field(question)
        self.fields[AGREES] = forms.BooleanField(
            label=_("I agree"),
            help_text=questions.consent_text,
            error_messages={"required": _("We may only keep your answers if you agree to it.")},
        )

    @property
    def answers(self) -> dict[str, Any]:
        """What was answered, by question key, ready for JSON; what was left open is not in it."""
        given = {key: self.cleaned_data[name] for name, key in self.keys.items()}
        return {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in given.items()
            if value not in (None, "", [])
        }


def name_of(question: IntakeQuestion) -> str:
    """The field's name; a key, so that what was typed fits a later version too."""
    return f"q-{question.key}"


def _field(question: IntakeQuestion) -> forms.Field:
    about: dict[str, Any] = {
        "label": question.words,
        "help_text": question.help_text,
        "required": question.is_required,
    }
    if question.kind in (Kind.YES_NO, Kind.CHOICE):
        return _one_of(question, about)
    if question.kind in (Kind.SEVERAL, Kind.BODY):
        return forms.MultipleChoiceField(
            choices=_choices(question),
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Please choose at least one.")},
            **about,
        )
    about["error_messages"] = {"required": _ANSWER}
    if question.kind == Kind.DATE:
        return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **about)
    if question.kind == Kind.LONG:
        return forms.CharField(max_length=LONGEST, widget=forms.Textarea, **about)
    return forms.CharField(max_length=SHORTEST, **about)


def _one_of(question: IntakeQuestion, about: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(
        choices=_choices(question),
        widget=forms.RadioSelect,
        error_messages={"required": _PICK},
        **about,
    )


def _choices(question: IntakeQuestion) -> list[tuple[str, str]]:
    return [(one, one) for one in question.options]

"""From the fields an editor chose to a Django form with our guards in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from wagtail.contrib.forms.forms import FormBuilder

MAX_LINE, MAX_TEXT = 255, 4000
AUTOCOMPLETE = {"email": "email", "phone": "tel", "name": "name", "your_name": "name"}
OWN = ("consent", "consent_seen", "opened", "website")  # no field of an editor has these names


class EnquiryFormBuilder(FormBuilder):
    """Wagtail's builder with lengths on everything, a phone number, and kind sentences."""

    def create_multiline_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return forms.CharField(widget=forms.Textarea, max_length=MAX_TEXT, **options)

    def create_phone_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel"})
        return forms.CharField(widget=widget, max_length=40, **options)

    def create_date_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **options)

    def create_number_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return forms.DecimalField(max_digits=12, decimal_places=2, **options)

    def create_dropdown_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        choices = self.get_formatted_field_choices(field)
        return forms.ChoiceField(choices=[("", _("Please choose")), *choices], **options)

    def get_field_options(self, field: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_field_options(field)
        if field.field_type in ("multiselect", "dropdown") and not field.default_value:
            options.pop("initial", None)
        label = str(field.label).rstrip("?:")
        options["error_messages"] = {
            "required": _('Please fill in "%(label)s".') % {"label": label}
        }
        if field.field_type in ("radio", "dropdown", "checkboxes"):
            sentence = _('Please choose for "%(label)s".') % {"label": label}
            options["error_messages"]["required"] = sentence
        if field.field_type == "email":
            options["error_messages"]["invalid"] = _("That is no email address. Is there a typo?")
        if field.field_type == "date":
            options["error_messages"]["invalid"] = _("That is no date. Write it as 2027-05-23.")
        if field.field_type == "number":
            options["error_messages"]["invalid"] = _("That is no number.")
        return options

    @property
    def formfields(self) -> Any:
        fields = super().formfields
        for name, field in fields.items():
            known = AUTOCOMPLETE.get(name)
            if isinstance(field, forms.EmailField):
                known = "email"
            if known:
                field.widget.attrs["autocomplete"] = known
        return fields


def consent_field(words: str) -> forms.BooleanField:
    return forms.BooleanField(
        label=words,
        error_messages={"required": _("We may keep and answer it only if you tick this.")},
    )

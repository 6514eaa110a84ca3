"""Forms of the Wagtail admin that check more than one row at a time."""

from itertools import combinations

from django.forms import ModelForm
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm

from scheduling.models import WorkingHours


class TherapistForm(WagtailAdminModelForm):
    """A therapist with all their shifts, which must not overlap one another (S3)."""

    def is_valid(self) -> bool:
        return bool(super().is_valid()) and self._shifts_are_apart()

    def _shifts_are_apart(self) -> bool:
        formset = self.formsets.get("working_hours")
        if formset is None:
            return True
        shifts = [form for form in formset.forms if form not in formset.deleted_forms]
        filled = [form for form in shifts if form.has_changed() or form.instance.pk]
        apart = True
        for one, other in combinations(filled, 2):
            if one.instance.clashes_with(other.instance):
                _say(other, one.instance)
                apart = False
        return apart


def _say(form: "ModelForm[WorkingHours]", other: WorkingHours) -> None:
    sentence = _("Overlaps the shift %(shift)s at %(place)s.")
    form.add_error("starts", sentence % {"shift": other, "place": other.location})

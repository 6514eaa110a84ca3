"""People in the Wagtail admin: one name, and none for staff that passes for a colleague's.

No password is typed there (`WAGTAILUSERS_PASSWORD_ENABLED`): people sign in by code, and set one
themselves if they like.
"""

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import EditView, UserViewSet

from accounts.addresses import as_stored
from accounts.giving_address import TAKEN, give_address, is_taken
from accounts.models import User
from accounts.names import refusals


class _OneName(forms.Form):
    """Wagtail's forms ask for a first and a last name, which our people do not have apart."""

    first_name = None
    last_name = None
    name = forms.CharField(label="Name", max_length=120)


class _Person(_OneName):
    def clean_email(self) -> str:
        email = as_stored(self.cleaned_data["email"])
        if is_taken(email, person=self.instance.pk):  # type: ignore[attr-defined]
            raise forms.ValidationError(TAKEN)
        return email

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        person: User = self.instance  # type: ignore[attr-defined]
        here_already = person.pk and User.objects.working_here().filter(pk=person.pk).exists()
        if here_already or said.get("is_superuser") or said.get("groups"):
            found = refusals(
                name=said.get("name", ""), email=said.get("email", ""), person=person.pk
            )
            for field, sentence in found.items():
                self.add_error(field, sentence)
        return said


class AddPerson(_Person, UserCreationForm):
    class Meta(UserCreationForm.Meta):
        fields: ClassVar[set[str]] = {"email", "name", "is_superuser", "groups"}

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()  # an empty one would count as one to ask for
        person: User = super().save(commit)
        return person


class EditPerson(_Person, UserEditForm):
    class Meta(UserEditForm.Meta):
        fields: ClassVar[set[str]] = {"email", "name", "is_superuser", "groups", "is_active"}


class MyName(_OneName, forms.ModelForm):  # type: ignore[type-arg]
    """What somebody with a desk in the admin is called, on her own account page there."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["name"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        found = refusals(name=name, email=self.instance.email, person=self.instance.pk)
        if "name" in found:
            raise forms.ValidationError(found["name"])
        return name


class EditPersonView(EditView):
    def save_instance(self) -> User:
        person: User = super().save_instance()
        was, by = self.form.initial["email"], self.request.user
        if person.email != was:
            give_address(self.request, person=person, was=was, by=by, at=timezone.now())
        return person


class PeopleViewSet(UserViewSet):
    edit_view_class = EditPersonView

    def get_form_class(self, for_update: bool = False) -> Any:
        return EditPerson if for_update else AddPerson

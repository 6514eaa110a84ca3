"""People in the Wagtail admin: one name, and none for staff that passes for a colleague's."""

from typing import Any, ClassVar

from django import forms
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import UserViewSet

from accounts.addresses import as_stored
from accounts.models import User
from accounts.names import refusals


class _OneName(forms.Form):
    """Wagtail's forms ask for a first and a last name, which our people do not have apart."""

    first_name = None
    last_name = None
    name = forms.CharField(label="Name", max_length=120)


class _Person(_OneName):
    def clean_email(self) -> str:
        return as_stored(self.cleaned_data["email"])

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


class PeopleViewSet(UserViewSet):
    def get_form_class(self, for_update: bool = False) -> Any:
        return EditPerson if for_update else AddPerson

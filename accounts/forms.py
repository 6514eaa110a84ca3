"""What allauth's sign-up form asks beyond the address."""

from typing import Any

from django import forms
from django.http import HttpRequest

from accounts.models import User


class SignUpDetails(forms.Form):
    """The base of allauth's sign-up forms, on the web and in the headless API."""

    name = forms.CharField(
        max_length=120,
        required=False,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order: Any = ["name", "email"]

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data.get("name", "").strip()
        user.save(update_fields=["name"])

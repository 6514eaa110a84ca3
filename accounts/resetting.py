"""The end of a password reset by API, the same for an address that nobody has.

allauth weighs the new password before the code is right, against the person the address belongs
to, and breaks over the missing code where it belongs to nobody: both tell who is known.
"""

from typing import Any

from allauth.headless.account.inputs import ResetPasswordInput, ResetPasswordKeyInput
from allauth.headless.account.response import PasswordResetKeyResponse
from allauth.headless.account.views import ResetPasswordView
from allauth.headless.constants import Client
from allauth.headless.internal.restkit.response import ErrorResponse
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.failed_tries import OUR_RESET


class CodeBeforePassword(ResetPasswordInput):
    def clean(self) -> Any:
        return self.cleaned_data if "key" in self.errors else super().clean()


class ResetPassword(ResetPasswordView):
    """To an address that nobody has no code was sent, so none is the right one."""

    input_class = CodeBeforePassword

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        process = self.process
        key = request.headers.get("X-Password-Reset-Key", "")
        given = ResetPasswordKeyInput({"key": key}, code=process.code, user=process.user)
        if not given.is_valid():
            process.record_invalid_attempt()
            refused: HttpResponse = ErrorResponse(request, input=given)
            return refused
        process.confirm_code()
        right: HttpResponse = PasswordResetKeyResponse(request, process.user)
        return right


# Before allauth's own, which they stand in for.
urlpatterns = [
    path(
        f"{client.value}/v1/auth/password/reset",
        ResetPassword.as_api_view(client=client),
        name=OUR_RESET,
    )
    for client in (Client.APP, Client.BROWSER)
]

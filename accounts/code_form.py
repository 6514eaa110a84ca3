"""The one form of the sign-in page: known addresses sign in, unknown ones join."""

from allauth.account.forms import RequestLoginCodeForm
from django.utils import timezone

from accounts.joining import find_or_add
from accounts.models import User


class SignInOrJoin(RequestLoginCodeForm):
    """allauth's form mails strangers that they are strangers; ours lets them in."""

    _user: User | None

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if email and self._user is None:
            self._user = find_or_add(email.lower(), at=timezone.now())
        return email

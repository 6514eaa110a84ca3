"""Joining with an account of another service."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.http import Http404, HttpRequest

from accounts.addresses import as_stored
from accounts.fresh import is_fresh, where_to_prove
from accounts.models import User
from accounts.suspending import suspend


class ElsewhereAdapter(DefaultSocialAccountAdapter):
    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """A service that is not set up is not there."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as missing:
            raise Http404("Nobody signs in with this service here.") from missing

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Whatever way it was begun, a service is connected after a recent proof alone.

        allauth asks nobody who has neither password nor factor. She begins anew after the proof.
        """
        connects = sociallogin.state.get("process") == AuthProcess.CONNECT
        if connects and isinstance(request.user, User) and not is_fresh(request):
            asked = suspend(request, where_to_prove(request), then="socialaccount_connections")
            raise ImmediateHttpResponse(asked)

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Our people have one name; the address is proven before it counts."""
        user: User = sociallogin.user
        parts = (data.get("first_name"), data.get("last_name"))
        name = data.get("name") or " ".join(part for part in parts if part)
        user.name = name[:120]
        user.email = as_stored(data.get("email") or "")
        return user

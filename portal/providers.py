"""Signing in with an account of another service: ready, and there only when it is set up.

No service is trusted with an address it has not proven, and none is merged into an account by
its address: whoever has one signs in first, then connects the service.
"""

from collections.abc import Callable
from typing import Any, Final

# Where the browser goes when somebody presses the button; the content policy must know.
HOSTS: Final = {
    "apple": "https://appleid.apple.com",
    "google": "https://accounts.google.com",
    "strava": "https://www.strava.com",
}
Read = Callable[..., str]


def set_up(read: Read) -> dict[str, dict[str, Any]]:
    """What allauth is told, from the environment; a service without an id has no app."""
    providers: dict[str, dict[str, Any]] = {
        # Apple keeps its key beside the secret, which it calls by the key's id.
        "apple": {
            "APPS": _app(
                read("APPLE_CLIENT_ID", default=""),
                read("APPLE_KEY_ID", default=""),
                key=read("APPLE_TEAM_ID", default=""),
                settings={
                    "certificate_key": read("APPLE_PRIVATE_KEY", default="").replace("\\n", "\n")
                },
            )
        },
        "google": {
            "APPS": _app(
                read("GOOGLE_CLIENT_ID", default=""), read("GOOGLE_CLIENT_SECRET", default="")
            ),
            "SCOPE": ["profile", "email"],
            "OAUTH_PKCE_ENABLED": True,
        },
        # Strava tells no address, so joining asks for one; we need nothing of her runs.
        "strava": {
            "APPS": _app(
                read("STRAVA_CLIENT_ID", default=""), read("STRAVA_CLIENT_SECRET", default="")
            ),
            "SCOPE": ["read"],
        },
    }
    return providers


def hosts(providers: dict[str, dict[str, Any]]) -> list[str]:
    return [HOSTS[name] for name, provider in providers.items() if provider["APPS"]]


def _app(client_id: str, secret: str, **more: Any) -> list[dict[str, Any]]:
    return [{"client_id": client_id, "secret": secret, **more}] if client_id else []

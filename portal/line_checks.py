"""What `check --deploy` says of services that are spoken to in the clear over a network."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def lines_are_encrypted(**_: Any) -> list[CheckMessage]:
    database = settings.DATABASES["default"]
    mode = database.get("OPTIONS", {}).get("sslmode")
    redis = urlsplit(settings.REDIS_URL)
    smtp = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
    lines = (
        (
            smtp and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL),
            settings.EMAIL_HOST,
            Warning("Mails, and the codes in them, leave in the clear.", id="portal.W001",
                    hint="EMAIL_URL=smtp+tls://…"),
        ),
        (
            database["ENGINE"].endswith("postgresql") and mode != "verify-full",
            database.get("HOST", ""),
            Warning("PostgreSQL is asked without proof of who it is.", id="portal.W002",
                    hint="DATABASE_URL=…?sslmode=verify-full"),
        ),
        (
            redis.scheme == "redis",
            redis.hostname or "",
            Warning("Redis is asked in the clear.", id="portal.W003", hint="REDIS_URL=rediss://…"),
        ),
    )  # fmt: skip
    return [warning for clear, host, warning in lines if clear and not _is_here(host)]


def _is_here(host: str) -> bool:
    """This machine, by name, by address or by a socket's path."""
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

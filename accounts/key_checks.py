"""What is said when the portal starts and a key for what is sealed is wrong or missing."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from accounts.encrypting import keys
from accounts.rotating import keys_in_use


@register(Tags.security)
def keys_are_readable(**_: Any) -> list[CheckMessage]:
    try:
        keys()
    except ImproperlyConfigured as trouble:
        return [Error(str(trouble), id="accounts.E001")]
    return []


@register(Tags.database)
def no_key_is_missing(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Asked by ``migrate`` and ``check --database default``, which every release runs."""
    if not databases or keys_are_readable():
        return []
    try:
        missing = sorted(set(keys_in_use()) - {""} - set(keys()))
    except DatabaseError:
        return []  # not migrated yet: nothing is sealed
    return [
        Error(
            f"Something was sealed with the key {key_id!r}, which HEALTH_KEYS does not have.",
            hint="Put it back, behind the first, until `manage.py rotate_keys` is done.",
            id="accounts.E002",
        )
        for key_id in missing
    ]

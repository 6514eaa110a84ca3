"""Words about somebody's health, and secrets, in the database: sealed with AES-256-GCM.

What is kept reads ``key id$base64``. The seal covers the table, the field and the row's public id,
so words copied into another row or field do not open there. A sealed field stays sealed in
memory: it is opened when its attribute is asked for, and no query can look into it.
"""

import json
import secrets
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.views.decorators.debug import sensitive_variables

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
ENDS_ID: Final = "$"
LONGEST_ID: Final = 40


class SealError(Exception):
    """What is kept cannot be opened; ``str()`` names the key and never the words."""


class KeyMissing(SealError):
    """It was sealed with a key that HEALTH_KEYS does not have."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"HEALTH_KEYS has no key {key_id!r}: put it back, behind the first.")
        self.key_id = key_id


class NotAuthentic(SealError):
    """It was changed, or belongs to another row or field."""

    def __init__(self) -> None:
        super().__init__("Sealed words were changed, or stand in a row that is not theirs.")


class Sealed(str):
    """As it stands in the database."""

    __slots__ = ()

    @property
    def key_id(self) -> str:
        return self.partition(ENDS_ID)[0]


def keys() -> dict[str, bytes]:
    """Every key by its id, the one that seals first.

    Raises:
        ImproperlyConfigured: HEALTH_KEYS is not a list of ``id:base64 of 32 bytes``.
    """
    return _read(tuple(settings.HEALTH_KEYS))


def current_key_id() -> str:
    return next(iter(keys()))


def new_key() -> str:
    """The base64 of 32 random bytes."""
    return urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def is_sealed(words: str) -> bool:
    """Whether it looks sealed. Only for secrets that never hold the mark themselves."""
    return ENDS_ID in words


@sensitive_variables()
def seal(words: str, *, bound_to: str) -> Sealed:
    key_id = current_key_id()
    nonce = secrets.token_bytes(NONCE_BYTES)
    kept = AESGCM(keys()[key_id]).encrypt(nonce, words.encode(), bound_to.encode())
    return Sealed(f"{key_id}{ENDS_ID}{urlsafe_b64encode(nonce + kept).decode()}")


@sensitive_variables()
def unseal(sealed: Sealed, *, bound_to: str) -> str:
    """The words that were sealed.

    Raises:
        KeyMissing: the key is not among ours.
        NotAuthentic: changed, or sealed for something else.
    """
    key_id, mark, kept = sealed.partition(ENDS_ID)
    if not mark:
        raise NotAuthentic  # in the clear, and so not to be repeated in an error either
    if key_id not in keys():
        raise KeyMissing(key_id)
    try:
        raw = urlsafe_b64decode(kept)
        words = AESGCM(keys()[key_id]).decrypt(
            raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound_to.encode()
        )
    except (InvalidTag, ValueError) as trouble:
        raise NotAuthentic from trouble
    return words.decode()


class _Opening(DeferredAttribute):
    """Opens what is kept when somebody asks, and not before."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            return self.field.opened(value, instance)  # type: ignore[attr-defined]
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A text only the portal can read. Its model has a ``public_id``, which never changes."""

    # Public at a class of the stubs: what may be set, and what is read.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any
    descriptor_class = _Opening

    def bound_to(self, instance: models.Model) -> str:
        table = instance._meta.db_table
        return f"{table}.{self.attname}:{instance.public_id}"  # type: ignore[attr-defined]

    def opened(self, sealed: Sealed, instance: models.Model) -> Any:
        return unseal(sealed, bound_to=self.bound_to(instance))

    def kept(self, value: Any, instance: models.Model) -> Sealed | None:
        """Sealed as it stands in the database; what is sealed already stays as it is."""
        if value is None or isinstance(value, Sealed):
            return value
        return seal(str(value), bound_to=self.bound_to(instance))

    def resealed(self, instance: models.Model) -> Sealed | None:
        """The same words under the current key."""
        return self.kept(getattr(instance, self.attname), instance)

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        sealed = self.kept(model_instance.__dict__[self.attname], model_instance)
        model_instance.__dict__[self.attname] = sealed
        return sealed

    def get_prep_value(self, value: Any) -> Any:
        if value is not None and not isinstance(value, Sealed):
            raise TypeError(f"{self.name} is sealed with its row: save the row, do not query it.")
        return None if value is None else str(value)

    def from_db_value(self, value: str | None, *_: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def value_to_string(self, obj: models.Model) -> str:
        """A dump holds what the database holds."""
        return str(self.kept(obj.__dict__[self.attname], obj) or "")

    def value_from_object(self, obj: models.Model) -> Sealed | None:
        """For forms and dumps: never the words."""
        return self.kept(obj.__dict__[self.attname], obj)


class EncryptedJSONField(EncryptedTextField):
    """As the text, for whatever JSON can hold."""

    def opened(self, sealed: Sealed, instance: models.Model) -> Any:
        return json.loads(super().opened(sealed, instance))

    def kept(self, value: Any, instance: models.Model) -> Sealed | None:
        if value is None or isinstance(value, Sealed):
            return value
        return super().kept(json.dumps(value, ensure_ascii=False), instance)


@cache
def _read(entries: Sequence[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for entry in entries:
        key_id, _, words = entry.strip().partition(":")
        if not _is_id(key_id) or key_id in found:
            raise ImproperlyConfigured(
                "Each key of HEALTH_KEYS has an id of its own in front: 2026-11:base64."
            )
        found[key_id] = _bytes(key_id, words)
    if not found:
        raise ImproperlyConfigured("HEALTH_KEYS is empty. `manage.py new_health_key` makes one.")
    return found


def _is_id(words: str) -> bool:
    plain = words.replace("-", "").replace("_", "").replace(".", "")
    return plain.isascii() and plain.isalnum() and len(words) <= LONGEST_ID


def _bytes(key_id: str, words: str) -> bytes:
    try:
        key = b64decode(words.translate(str.maketrans("-_", "+/")), validate=True)
    except (NotBase64, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(
            f"The key {key_id} of HEALTH_KEYS is not the base64 of {KEY_BYTES} bytes."
        )
    return key

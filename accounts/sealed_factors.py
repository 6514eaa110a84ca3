"""Secrets of second factors in the database: sealed with the keys of words about health.

Allauth keeps them in JSON and hands them over one by one, without saying whose they are, so the
seal covers the table alone. Bases and digits never hold the mark of a seal, so what is in the
clear, such as what an older release writes while this one takes over, is known and still works.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.encrypting import Sealed, SealError, current_key_id, is_sealed, seal, unseal

BOUND_TO: Final = "mfa_authenticator.data"
SECRETS: Final = ("secret", "seed", "migrated_codes")  # what the other entries tell is no secret


def sealed(words: str) -> str:
    return str(seal(words, bound_to=BOUND_TO))


def opened(kept: str) -> str:
    """
    Raises:
        SealError: the key is missing, or it was changed.
    """
    return unseal(Sealed(kept), bound_to=BOUND_TO) if is_sealed(kept) else kept


def keys_in_use(rows: Iterable[Any]) -> Counter[str]:
    """How many secrets each key sealed; under an empty id those in the clear."""
    return Counter(_key_id(kept) for row in rows for kept in _secrets(row.data))


def seal_again(rows: Any) -> tuple[int, int]:
    """Seal with the current key what is not: how many rows were, and how many did not open."""
    current = current_key_id()
    return _rewritten(rows, lambda kept: kept if _key_id(kept) == current else sealed(opened(kept)))


def open_again(rows: Any) -> tuple[int, int]:
    """Leave everything in the clear, for a release that knows of no seals."""
    return _rewritten(rows, opened)


def of_everybody() -> Any:
    return Authenticator.objects.all()


def _rewritten(rows: Any, anew: Callable[[str], str]) -> tuple[int, int]:
    done = failed = 0
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            # Locked, because using a recovery code writes the same JSON.
            row = rows.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            try:
                data = {name: _value(name, value, anew) for name, value in row.data.items()}
            except SealError:
                failed += 1
                continue
            if data != row.data:
                done += rows.filter(pk=pk).update(data=data)
    return done, failed


def _value(name: str, value: Any, anew: Callable[[str], str]) -> Any:
    if name not in SECRETS:
        return value
    return anew(value) if isinstance(value, str) else [anew(one) for one in value]


def _secrets(data: dict[str, Any]) -> Iterator[str]:
    for name in SECRETS:
        value = data.get(name, [])
        yield from [value] if isinstance(value, str) else value


def _key_id(kept: str) -> str:
    return Sealed(kept).key_id if is_sealed(kept) else ""

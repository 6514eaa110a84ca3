"""What a browser or an app sends as its passkey's answer, when it is none at all.

allauth hands it to the library, which stumbles over nonsense in more ways than allauth expects: a
500 for whoever asks, on the pages and by API. It is refused like a wrong answer instead.
"""

import struct
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.internal import auth

Parse = Callable[[Any], Any]
STUMBLES: Final = (AttributeError, LookupError, ValueError, struct.error)


def refuse_nonsense() -> None:
    """Called once, from the app's ``ready``: every form of allauth's reads answers by these two."""
    auth.parse_registration_response = _or_refused(auth.parse_registration_response)
    auth.parse_authentication_response = _or_refused(auth.parse_authentication_response)


def _or_refused(parse: Parse) -> Parse:
    @wraps(parse)
    def parsed(answer: Any) -> Any:
        try:
            return parse(answer)
        except STUMBLES as error:
            raise get_adapter().validation_error("incorrect_code") from error

    return parsed

"""Names inside sentences that are made here and not in a template.

A name written from right to left turns the words after it around. Templates put names into
`<bdi>`; where there is no markup, such as in a message, the signs for the same do it.
"""

import unicodedata
from typing import Final

_BEGINS: Final = "\N{FIRST STRONG ISOLATE}"
_ENDS: Final = "\N{POP DIRECTIONAL ISOLATE}"
# What cannot disturb a line that is written from left to right.
_HARMLESS: Final = frozenset(("L", "EN", "ES", "ET", "CS", "NSM", "BN", "WS", "ON"))


def isolated(name: object) -> str:
    """The name, unchanged where it cannot disturb what stands beside it."""
    text = str(name)
    if all(unicodedata.bidirectional(sign) in _HARMLESS for sign in text):
        return text
    return f"{_BEGINS}{text}{_ENDS}"

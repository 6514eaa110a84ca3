"""Names inside sentences that are made here and not in a template.

A name written from right to left turns the words after it around. Templates put names into
`<bdi>`; where there is no markup, such as in a message, the signs for the same do it. A name may
hold such signs itself: there they are dropped, because one would end the isolate too early.
"""

import unicodedata
from typing import Final

_BEGINS: Final = "\N{FIRST STRONG ISOLATE}"
_ENDS: Final = "\N{POP DIRECTIONAL ISOLATE}"
# Embeddings, overrides and isolates, with the signs that end them.
_REACHING: Final = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
# What cannot disturb a line that is written from left to right.
_HARMLESS: Final = frozenset(("L", "EN", "ES", "ET", "CS", "NSM", "BN", "WS", "ON"))


def isolated(name: object) -> str:
    """The name, unchanged where it cannot disturb what stands beside it."""
    text = str(name).translate(_REACHING)
    if all(unicodedata.bidirectional(sign) in _HARMLESS for sign in text):
        return text
    return f"{_BEGINS}{text}{_ENDS}"

"""Which names and addresses staff may have: none that passes for a colleague's.

People are called what they say, letter by letter. A member of staff is believed by others because
of a name on the screen, so hers stays within one script, shows every sign it has, and does not
look like another's. After Unicode Technical Standard 39 (Unicode Security Mechanisms): the single
script of its section 5 and the skeleton of its section 4, with the look-alikes of Latin among the
letters of Cyrillic, Greek, Armenian and Latin itself.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

from accounts.models import User

# By the first word of a letter's Unicode name; what is written together in one language is one.
_EAST_ASIAN: Final = frozenset(
    ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC", "BOPOMOFO", "HANGUL")
)
_OF_NO_SCRIPT: Final = frozenset(("MODIFIER", "FEMININE", "MASCULINE"))
_UNSEEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LOOK_ALIKES: Final = str.maketrans(
    dict(
        zip(
            # Cyrillic
            "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u0501\u04bb\u051b\u051d"
            "\u0475\u04cf\u0410\u0412\u0415\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422"
            "\u0423\u0425\u0405\u0417"
            # Greek
            "\u03b1\u03b3\u03b7\u03b9\u03ba\u03bd\u03bf\u03c1\u03c5\u03c7\u03f2\u0391\u0392\u0395"
            "\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
            # Armenian
            "\u0578\u057d\u0585\u0570\u0566"
            # Latin, digits and signs
            "\u0131\u0251\u0261\u0269I1|0\u2019\u02bc\u2010\u2011\u2013",
            "aeopcyxsijdhqwvlABElJKMHOPCTYXS3aynikvopuxcABEZHlKMNOPTYXnuohqiagilllo''---",
            strict=True,
        )
    )
)
_PAIRS: Final = str.maketrans({"m": "rn", "w": "vv"})  # one letter that looks like two

MIXED: Final = "A name of staff is written in the letters of one script."
UNSEEN: Final = "A name of staff has no signs that cannot be seen."
LIKE_ANOTHER: Final = "This looks like the name of a colleague and is another. Write it apart."
ADDRESS_MIXED: Final = "An address of staff is written in the letters of one script."
ADDRESS_LIKE_ANOTHER: Final = "This looks like the address of a colleague and is another."


def refused_name(name: str, *, others: Iterable[str]) -> str:
    """Why a member of staff may not be called this, or nothing. `others`: what colleagues are."""
    if any(unicodedata.category(sign) in _UNSEEN or sign in _BLANK_LETTERS for sign in name):
        return UNSEEN
    if len(_scripts(name)) > 1:
        return MIXED
    return LIKE_ANOTHER if _looks_like(name, others) else ""


def refused_address(email: str, *, others: Iterable[str]) -> str:
    """The same of an address as it is stored (`accounts.addresses`)."""
    shown = _as_shown(email)
    if any(len(_scripts(label)) > 1 for label in shown.replace("@", ".").split(".")):
        return ADDRESS_MIXED
    return ADDRESS_LIKE_ANOTHER if _looks_like(shown, map(_as_shown, others)) else ""


def refusals(
    *, name: str, email: str, person: int | None, beside: Iterable[User] = ()
) -> dict[str, str]:
    """What speaks against `person` (by key; None: somebody new) working here, by field.

    `beside`: who begins to work here at the same moment, and is compared with, too.
    """
    here = User.objects.working_here().exclude(pk=person)
    colleagues = {*here.values_list("name", "email"), *((one.name, one.email) for one in beside)}
    names, addresses = zip(*colleagues, strict=True) if colleagues else ((), ())
    found = {
        "name": refused_name(name, others=names),
        "email": refused_address(email, others=addresses),
    }
    return {field: sentence for field, sentence in found.items() if sentence}


def skeleton(text: str) -> str:
    """What a reader sees of a text: two texts with one skeleton are easily taken for each other."""
    shown = unicodedata.normalize("NFKD", text).translate(_LOOK_ALIKES).casefold()
    return " ".join(shown.translate(_PAIRS).split())


def _looks_like(text: str, others: Iterable[str]) -> bool:
    """Two people may have the same name; not two that only seem to be the same."""
    mine, shown = _plain(text), skeleton(text)
    return any(skeleton(other) == shown and _plain(other) != mine for other in others)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _scripts(text: str) -> set[str]:
    letters = (sign for sign in unicodedata.normalize("NFKC", text) if sign.isalpha())
    words = {unicodedata.name(letter, "UNKNOWN").partition(" ")[0] for letter in letters}
    return {"CJK" if word in _EAST_ASIAN else word for word in words - _OF_NO_SCRIPT}


def _as_shown(email: str) -> str:
    """With the letters that some programs show for a domain's `xn--…`."""
    name, at, domain = email.rpartition("@")
    try:
        return f"{name}{at}{domain.encode().decode('idna')}"
    except UnicodeError:
        return email

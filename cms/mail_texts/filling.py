"""Words with variables in braces: what is wrong with them, and what they become. No code runs."""

import re
from collections.abc import Collection, Mapping
from typing import Final

_VARIABLE: Final = re.compile(r"\{([a-z_]+)\}")
_GAP: Final = re.compile(r"[ \t]+(?=[,.!?;:])|(?<=[ \t])[ \t]+")
_PARAGRAPHS: Final = re.compile(r"(?:\r?\n[ \t]*){2,}")


def faults_in(words: str, known: Collection[str]) -> list[str]:
    """What an editor should put right, as sentences; nothing when all is well."""
    faults = [
        f"{{{name}}} is not known here. Use one of those listed, or leave it out."
        for name in dict.fromkeys(_VARIABLE.findall(words))
        if name not in known
    ]
    if "{" in (rest := _VARIABLE.sub("", words)) or "}" in rest:
        faults.append("A brace stands alone. Write a variable like {first_name}.")
    return faults


def filled(words: str, values: Mapping[str, str]) -> str:
    """The words with each variable's value. A value is only ever text, braces in it too.

    Where a value is empty the space before a comma goes as well: “Hello ,” is “Hello,”.
    """
    done = _VARIABLE.sub(lambda found: values.get(found[1], ""), words)
    return _GAP.sub("", done).strip()


def paragraphs(words: str) -> list[str]:
    return [part.strip() for part in _PARAGRAPHS.split(words) if part.strip()]

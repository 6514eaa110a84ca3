"""Words as they are gathered from markup: runs of one style, broken into lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cms.reading_parts import Line, Rich, Run

_SPACES = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True)
class Style:
    bold: bool = False
    italic: bool = False
    link: str = ""


PLAIN = Style()


class Lines:
    """Gathers text as a browser would show it: runs of white space are one space."""

    def __init__(self) -> None:
        self._lines: list[list[Run]] = [[]]

    def say(self, text: str, style: Style = PLAIN) -> None:
        words = _SPACES.sub(" ", text)
        line = self._lines[-1]
        if not line or line[-1].text.endswith(" "):
            words = words.removeprefix(" ")
        if not words:
            return
        run = Run(words, style.bold, style.italic, style.link)
        if line and replace(line[-1], text="") == replace(run, text=""):
            line[-1] = replace(line[-1], text=line[-1].text + words)
        else:
            line.append(run)

    def say_exactly(self, text: str, style: Style = PLAIN) -> None:
        """As ``<pre>`` does: each line of the text is a line."""
        for number, line in enumerate(text.splitlines()):
            if number:
                self.break_line()
            if line.strip():
                self._lines[-1].append(Run(line.rstrip(), style.bold, style.italic, style.link))

    def break_line(self) -> None:
        if self._lines[-1]:
            self._lines.append([])

    def take(self) -> tuple[Line, ...]:
        """The lines so far; what follows begins anew."""
        lines, self._lines = self._lines, [[]]
        return tuple(line for line in map(_finished, lines) if line)


def _finished(runs: list[Run]) -> Line:
    while runs and not runs[-1].text.rstrip():
        runs = runs[:-1]
    if not runs:
        return ""
    runs = [*runs[:-1], replace(runs[-1], text=runs[-1].text.rstrip())]
    if any(run.bold or run.italic or run.link for run in runs):
        return Rich(tuple(runs))
    return "".join(run.text for run in runs)


def joined(lines: tuple[Line, ...]) -> Line:
    """Several lines as one, with breaks in it."""
    if all(isinstance(line, str) for line in lines):
        return "\n".join(str(line) for line in lines)
    runs: list[Run] = []
    for number, line in enumerate(lines):
        runs += [Run("\n")] if number else []
        runs += [Run(line)] if isinstance(line, str) else line.runs
    return Rich(tuple(runs))

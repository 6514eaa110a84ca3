"""Every drawing of the demo, by name; here the charts, whose words are in a language."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from cms.demo_content.drawing import (
    HIVIS,
    MUTED,
    PINE,
    PINE_2,
    SIZE,
    SUNKEN,
    TRACK,
    Drawing,
    Pen,
    Point,
    png,
)
from cms.demo_content.heroes import HEROES

__all__ = ["DRAWINGS", "png"]
LEFT, RIGHT, TOP, BOTTOM = 150, 1500, 150, 760


def curve(height: Callable[[float], float], steps: int = 160) -> list[Point]:
    """Points of a function of 0..1 with values 0..1, in the plotting area."""
    return [
        (
            LEFT + (RIGHT - LEFT) * step / steps,
            BOTTOM - (BOTTOM - TOP) * height(step / steps),
        )
        for step in range(steps + 1)
    ]


def _ground(pen: Pen, labels: Sequence[str]) -> None:
    """Pale lanes to measure against, and words under them."""
    for lane in range(5):
        y = TOP + (BOTTOM - TOP) * lane / 4
        pen.line([(LEFT, y), (RIGHT, y)], SUNKEN, 5)
    for place, label in enumerate(labels):
        x = LEFT + (RIGHT - LEFT) * (place + 0.5) / len(labels)
        pen.word((x, BOTTOM + 70), label, MUTED)


def _hump(x: float, top: float, at: float, width: float) -> float:
    return top * math.exp(-(((x - at) / width) ** 2))


def _soreness(pen: Pen, *, day: str, alone: str, massage: str) -> None:
    _ground(pen, [day, "1", "2", "3", "4", "5"])
    pen.line(curve(lambda x: 0.06 + _hump(x, 0.86, 0.38, 0.2)), PINE_2, 16)
    pen.line(curve(lambda x: 0.06 + _hump(x, 0.66, 0.37, 0.19)), TRACK, 16)
    pen.word((760, 118), alone, PINE_2)
    pen.word((660, 470), massage, TRACK)


def _load(pen: Pen) -> None:
    _ground(pen, [str(week) for week in range(1, 9)])
    weeks = [0.34, 0.4, 0.46, 0.34, 0.5, 0.56, 0.63, 0.45]
    step = (RIGHT - LEFT) / len(weeks)
    for place, height in enumerate(weeks):
        easy = place in (3, 7)
        left = LEFT + step * place + step * 0.2
        top = BOTTOM - (BOTTOM - TOP) * height * 1.4
        pen.bar(left, top, left + step * 0.6, BOTTOM, PINE_2 if easy else PINE)
        if easy:
            pen.dot((left + step * 0.3, top - 44), 18, TRACK)


def _taper(pen: Pen) -> None:
    _ground(pen, ["3 weeks", "2 weeks", "1 week", "race"])
    pen.line(curve(lambda x: 0.86 - 0.5 * max(0.0, x - 0.25) ** 0.8), PINE, 18)
    pen.line(curve(lambda x: 0.3 + 0.55 * x**1.6), TRACK, 18)
    pen.word((420, 200), "kilometres", PINE)
    pen.word((520, 640), "freshness", TRACK)


def _bend(pen: Pen) -> None:
    pen.bar(-40, -40, SIZE[0] + 40, SIZE[1] + 40, PINE)
    for lane in range(7):
        radius = 330 + lane * 95
        points = [
            (
                1480 + radius * 1.25 * math.cos(math.radians(angle)),
                980 + radius * math.sin(math.radians(angle)),
            )
            for angle in range(180, 271)
        ]
        pen.line(points, HIVIS if lane == 3 else PINE_2, 18 if lane == 3 else 8)


DRAWINGS = {
    **HEROES,
    "bend": Drawing(
        "Lanes of a track bend",
        "A track bend seen from above: seven lanes, the middle one bright.",
        _bend,
    ),
    "soreness": Drawing(
        "Soreness over five days",
        "Two curves of soreness over five days, both highest on day two; the one with massage is "
        "a little lower.",
        partial(_soreness, day="day 0", alone="left alone", massage="massage"),
    ),
    "soreness_de": Drawing(
        "Muskelkater in fünf Tagen",
        "Zwei Kurven des Muskelkaters über fünf Tage, beide am zweiten Tag am höchsten; die mit "
        "Massage liegt etwas tiefer.",
        partial(_soreness, day="Tag 0", alone="ohne", massage="mit Massage"),
    ),
    "load": Drawing(
        "Eight weeks of training",
        "Bars of weekly distance over eight weeks: small rises, with an easier week four and "
        "eight.",
        _load,
    ),
    "taper": Drawing(
        "Three weeks before a race",
        "Kilometres fall over the last three weeks before a race while freshness rises.",
        _taper,
    ),
}

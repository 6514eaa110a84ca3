"""Drawings of the demo's articles, by code: lanes, curves and bars in the practice's colours."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SIZE = (1600, 900)
SCALE = 2  # drawn larger and made smaller, for smooth edges
PINE, PINE_2, CHALK, SUNKEN = "#0f3d36", "#1f7a69", "#faf8f3", "#f1ede3"
HIVIS, TRACK, INK, MUTED = "#d9f24f", "#b93a12", "#15231f", "#53625c"
LEFT, RIGHT, TOP, BOTTOM = 150, 1500, 150, 760
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture with the words for those who do not see it."""

    title: str
    alt: str
    draw: Callable[[Pen], None]


class Pen:
    """A canvas in the coordinates of the finished picture."""

    def __init__(self, ground: str) -> None:
        self.image = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), ground)
        self.canvas = ImageDraw.Draw(self.image)

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        """A line with round ends and corners."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.canvas.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")
        for end in (points[0], points[-1]):
            self.dot(end, width / 2, colour)

    def dot(self, at: Point, radius: float, colour: str) -> None:
        x, y, r = at[0] * SCALE, at[1] * SCALE, radius * SCALE
        self.canvas.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def bar(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        box = (left * SCALE, top * SCALE, right * SCALE, bottom * SCALE)
        self.canvas.rounded_rectangle(box, radius=18 * SCALE, fill=colour)

    def word(self, at: Point, text: str, colour: str, *, size: int = 40) -> None:
        font = ImageFont.load_default(size * SCALE)
        place = (at[0] * SCALE, at[1] * SCALE)
        self.canvas.text(place, text, fill=colour, font=font, anchor="mm")

    def png(self) -> bytes:
        data = BytesIO()
        self.image.resize(SIZE, Image.Resampling.LANCZOS).save(data, "PNG", optimize=True)
        return data.getvalue()


def png(drawing: Drawing) -> bytes:
    pen = Pen(CHALK)
    drawing.draw(pen)
    return pen.png()


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


def _soreness(pen: Pen) -> None:
    _ground(pen, ["day 0", "1", "2", "3", "4", "5"])
    pen.line(curve(lambda x: 0.06 + _hump(x, 0.86, 0.38, 0.2)), PINE_2, 16)
    pen.line(curve(lambda x: 0.06 + _hump(x, 0.66, 0.37, 0.19)), TRACK, 16)
    pen.word((760, 118), "left alone", PINE_2)
    pen.word((660, 470), "massage", TRACK)


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
    "bend": Drawing(
        "Lanes of a track bend",
        "A track bend seen from above: seven lanes, the middle one bright.",
        _bend,
    ),
    "soreness": Drawing(
        "Soreness over five days",
        "Two curves of soreness over five days, both highest on day two; the one with massage is "
        "a little lower.",
        _soreness,
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

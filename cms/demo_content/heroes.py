"""Drawings at the head of the demo's articles: no words in them, so they suit every language."""

from __future__ import annotations

import math
from collections.abc import Callable

from cms.demo_content.drawing import (
    CHALK,
    HIVIS,
    INK,
    MIST,
    PINE,
    PINE_2,
    SIZE,
    SUNKEN,
    TRACK,
    Drawing,
    Pen,
    Point,
)

WIDTH, HEIGHT = SIZE


def _arc(
    middle: Point, radius: float, start: float, end: float, squash: float = 1.0
) -> list[Point]:
    """Points of an arc, in degrees from the right and downwards."""
    steps = max(8, round(abs(end - start) / 3))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [
        (middle[0] + radius * math.cos(angle), middle[1] + radius * squash * math.sin(angle))
        for angle in angles
    ]


def _across(height: Callable[[float], float]) -> list[Point]:
    """A line from edge to edge; `height` of 0..1 is in the picture's own units."""
    return [(-40 + 1680 * step / 240, height(step / 240)) for step in range(241)]


def _rest(pen: Pen) -> None:
    """A sun of lanes that goes down behind quiet water."""
    pen.fill(PINE)
    for lane in range(7):
        pen.line(
            _arc((800, 560), 110 + lane * 72, 180, 360),
            HIVIS if lane == 3 else PINE_2,
            20 if lane == 3 else 9,
        )
    pen.bar(-40, 560, WIDTH + 40, HEIGHT + 40, "#0b2f2a", radius=0)
    for row in range(5):
        half = 620 - row * 105
        pen.line([(800 - half, 612 + row * 58), (800 + half, 612 + row * 58)], PINE_2, 8)
    pen.line([(640, 670), (960, 670)], HIVIS, 8)


def _build(pen: Pen) -> None:
    """Stairs of training, every fourth lower, and a runner on the last."""
    pen.fill(CHALK)
    heights = [190, 245, 300, 230, 340, 400, 460, 370, 510, 580]
    for place, height in enumerate(heights):
        left = 90 + place * 144
        easy = place in (3, 7)
        pen.bar(left, 800 - height, left + 116, 800, PINE_2 if easy else PINE)
    pen.line([(60, 822), (WIDTH - 60, 822)], SUNKEN, 14)
    pen.dot((1444, 150), 44, TRACK)
    pen.line(_arc((1444, 150), 84, 200, 340), TRACK, 10)


def _thigh(pen: Pen) -> None:
    """A bent leg from the side with the band along its outside."""
    pen.fill(MIST)
    hip, knee, ankle = (420.0, 120.0), (900.0, 500.0), (640.0, 940.0)
    pen.line([hip, knee, ankle], PINE, 190)
    pen.line([(410, 60), (880, 430), (958, 540), (905, 640)], HIVIS, 34)
    for ring in range(3):
        pen.line(_arc((965, 530), 90 + ring * 62, -70, 60), TRACK, 12 - ring * 3)
    pen.dot((960, 530), 34, TRACK)
    pen.dot((420, 110), 44, CHALK)


def _shins(pen: Pen) -> None:
    """Two shins on a road that answers each step."""
    pen.fill(PINE)
    pen.bar(-40, 740, WIDTH + 40, HEIGHT + 40, "#0b2f2a", radius=0)
    for left, lean in ((520.0, -40.0), (980.0, 60.0)):
        pen.line([(left + lean, -60), (left, 690)], PINE_2, 150)
        pen.line([(left + 62, 720), (left + 190, 722)], PINE_2, 74)
        pen.line([(left + 46 + lean * 0.5, 300), (left + 46, 600)], HIVIS, 22)
        for ring in range(3):
            pen.line(_arc((left + 80, 760), 120 + ring * 80, 20, 160, 0.35), PINE_2, 9)
    for spot in range(5):
        pen.dot((1021 + 4 * spot, 330 + spot * 62), 15, TRACK)


def _arch(pen: Pen) -> None:
    """A foot as a bow: the arch, the string below it, and the heel that hurts."""
    pen.fill(CHALK)
    pen.line([(540, -80), (476, 470)], PINE, 150)
    foot = [(400.0, 640.0), (470.0, 470.0), (700.0, 430.0), (980.0, 540.0), (1240.0, 660.0)]
    pen.line(foot, PINE, 130)
    pen.line([(395, 690), (650, 640), (950, 668), (1250, 715)], HIVIS, 46)
    pen.line([(395, 690), (650, 640), (950, 668), (1250, 715)], PINE_2, 10)
    pen.line([(120, 800), (1480, 800)], SUNKEN, 16)
    pen.dot((395, 690), 48, TRACK)
    for ring in range(2):
        pen.line(_arc((395, 690), 84 + ring * 46, 110, 250), TRACK, 10 - ring * 3)


def _week(pen: Pen) -> None:
    """Six days of less and less, and then a flag."""
    pen.fill(MIST)
    for day, height in enumerate([470, 390, 340, 250, 150, 90]):
        left = 110 + day * 190
        pen.bar(left, 780 - height, left + 130, 780, HIVIS if day in (1, 2) else PINE)
    pen.line([(1330, 780), (1330, 160)], INK, 18)
    for row in range(4):
        for column in range(5):
            dark = (row + column) % 2 == 0
            left, top = 1330 + column * 44, 168 + row * 44
            pen.bar(left, top, left + 44, top + 44, INK if dark else CHALK, radius=0)
    pen.line([(80, 802), (WIDTH - 80, 802)], PINE_2, 12)


def _watch(pen: Pen) -> None:
    """A stopwatch on the bend of a track."""
    pen.fill(PINE)
    for lane in range(6):
        pen.line(_arc((800, 470), 420 + lane * 90, 0, 360), PINE_2, 8)
    pen.bar(752, 60, 848, 150, HIVIS)
    pen.dot((800, 470), 330, CHALK)
    pen.dot((800, 470), 292, PINE)
    for tick in range(12):
        inner, outer = 232 if tick % 3 else 205, 262
        ends = [_arc((800, 470), radius, tick * 30, tick * 30 + 1)[0] for radius in (inner, outer)]
        pen.line(ends, CHALK, 12 if tick % 3 else 18)
    pen.line([(800, 470), (948, 330)], HIVIS, 20)
    pen.dot((800, 470), 30, TRACK)


def _calm(pen: Pen) -> None:
    """Three nervous lines that grow quiet."""
    pen.fill(CHALK)
    for row, (colour, width) in enumerate(((PINE_2, 12.0), (TRACK, 20.0), (PINE, 12.0))):
        middle = 250.0 + row * 200

        def height(x: float, middle: float = middle, row: int = row) -> float:
            size = 150 * math.exp(-4.2 * x)
            jumps = math.sin(88 * x + row * 2) + 0.5 * math.sin(151 * x + row)
            return middle + size * jumps + 16 * math.sin(5 * x + row)

        pen.line(_across(height), colour, width)
    pen.dot((1380, 462), 40, HIVIS)
    pen.line(_arc((1380, 462), 40, 0, 360), PINE, 8)


def _finish(pen: Pen) -> None:
    """Lanes beyond the line, slower and slower."""
    pen.fill(MIST)
    for lane in range(6):
        y = 150.0 + lane * 120

        def height(x: float, y: float = y, lane: int = lane) -> float:
            beyond: float = max(0.0, x - 0.35) ** 1.6
            return y - beyond * (lane - 2.5) * 90

        pen.line(_across(height), PINE if lane == 2 else PINE_2, 20 if lane == 2 else 8)
    for row in range(20):
        for column in range(3):
            dark = (row + column) % 2 == 0
            left, top = 300 + column * 48, -10 + row * 48
            pen.bar(left, top, left + 48, top + 48, INK if dark else CHALK, radius=0)
    for step, size in enumerate((46, 36, 28, 20, 14)):
        pen.dot((640 + step * 190, 390 + step * 3), size, TRACK)


def _five(pen: Pen) -> None:
    """Five bars like lanes with a runner on each, the first the furthest."""
    pen.fill(MIST)
    for lane, reach in enumerate((1380, 1180, 900, 520, 300)):
        top = 96 + lane * 152
        pen.bar(-40, top, WIDTH + 40, top + 92, CHALK, radius=0)
        pen.bar(-40, top, reach, top + 92, HIVIS if lane == 0 else PINE_2, radius=46)
        pen.dot((reach - 46, top + 46), 30, TRACK)


HEROES = {
    "five": Drawing(
        "Five lanes",
        "Five horizontal bars of falling length, the longest bright, each with a dot at its end.",
        _five,
    ),
    "rest": Drawing(
        "Evening lanes",
        "Half circles like a setting sun over still water, one of them bright.",
        _rest,
    ),
    "build": Drawing(
        "Stairs of training",
        "Stairs that rise with every fourth step lower, and a dot above the last.",
        _build,
    ),
    "thigh": Drawing(
        "The band beside the thigh",
        "A bent leg from the side; a bright band runs from hip to knee, a red dot beside the knee.",
        _thigh,
    ),
    "shins": Drawing(
        "Two shins on the road",
        "Two lower legs on a road; a bright stripe marks the inner edge of each shin.",
        _shins,
    ),
    "arch": Drawing(
        "The foot as a bow",
        "A foot from the side, its arch held like a bow by a bright string; a red dot at the heel.",
        _arch,
    ),
    "week": Drawing(
        "Six days and a flag",
        "Six bars that grow shorter, the second and third bright, then a chequered flag.",
        _week,
    ),
    "watch": Drawing(
        "A stopwatch on the track",
        "A stopwatch with one bright hand, on the rings of a running track.",
        _watch,
    ),
    "calm": Drawing(
        "Lines that grow quiet",
        "Three jagged lines that grow calm from left to right.",
        _calm,
    ),
    "finish": Drawing(
        "Beyond the finish",
        "A chequered finish line; behind it lanes spread out and dots grow smaller.",
        _finish,
    ),
}

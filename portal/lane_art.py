"""Drawings of the track, the same for the same seed: parallel bends and one line across them.

Only numbers leave this module; the templates in ``components`` write the SVG.
"""

import hashlib
from dataclasses import dataclass
from itertools import pairwise

HERO = (640, 560)
HEADER = (1200, 240)
TILE = (400, 200)
FACE = (88, 100)


@dataclass(frozen=True, slots=True)
class LaneArt:
    """Path data for one picture, in the units of ``view_box``."""

    view_box: str
    lanes: tuple[str, ...]
    run: str
    dot_x: int
    dot_y: int


def _dice(seed: str) -> list[int]:
    """Thirty-two numbers from 0 to 255, fixed by the seed."""
    return list(hashlib.sha256(seed.encode()).digest())


def _smooth(points: list[tuple[int, int]]) -> str:
    """A curve through the points with level tangents: it reads as a pace over time."""
    path = f"M{points[0][0]} {points[0][1]}"
    for (x1, y1), (x2, y2) in pairwise(points):
        middle = (x1 + x2) // 2
        path += f"C{middle} {y1} {middle} {y2} {x2} {y2}"
    return path


def _bends(width: int, centre: tuple[int, int], first: int, step: int, count: int) -> list[str]:
    """Nested U-turns that open to the right edge."""
    x, y = centre
    edge = width + 20
    radii = range(first, first + step * count, step)
    return [f"M{edge} {y - r}H{x}A{r} {r} 0 0 0 {x} {y + r}H{edge}" for r in radii]


def hero(seed: str) -> LaneArt:
    """The bend behind the first words of the site."""
    dice = _dice(seed)
    width, height = HERO
    centre_x, centre_y = 300 + dice[0] % 50, 250 + dice[1] % 50
    lanes = _bends(width, (centre_x, centre_y), 54, 34, 9)
    start_y = 480 + dice[2] % 30
    dot_y = centre_y + 24
    run = _smooth([(-20, start_y), (centre_x - 40, dot_y + 60), (width + 20, 130 + dice[3] % 50)])
    return LaneArt(f"0 0 {width} {height}", tuple(lanes), run, centre_x - 40, dot_y + 60)


def _along(seed: str, size: tuple[int, int], turns: int, step: int) -> LaneArt:
    """A wide strip: lanes bending at one end, a pace curve from edge to edge."""
    dice = _dice(seed)
    width, height = size
    centre_x = width * (55 + dice[0] % 30) // 100
    centre_y = height * (30 + dice[1] % 45) // 100
    lanes = _bends(width, (centre_x, centre_y), step * 2, step, 6 + dice[2] % 3)
    low, high = height * 80 // 100, height * 22 // 100
    points = [
        (width * i // turns, high + (low - high) * dice[4 + i] // 255) for i in range(turns + 1)
    ]
    points[0] = (-10, points[0][1])
    points[-1] = (width + 10, points[-1][1])
    dot = points[1 + dice[3] % (turns - 1)]
    return LaneArt(f"0 0 {width} {height}", tuple(lanes), _smooth(points), *dot)


def header(seed: str) -> LaneArt:
    """The strip over an article."""
    return _along(seed, HEADER, 7, 24)


def tile(seed: str) -> LaneArt:
    """The picture of a card."""
    return _along(seed, TILE, 4, 20)


def face(seed: str) -> LaneArt:
    """The ground of a monogram: lanes at an angle of their own, the line low under the letters."""
    dice = _dice(seed)
    width, height = FACE
    x, y, end = 14 + dice[0] % 60, 44 + dice[1] % 30, height + 4
    lanes = [f"M{x - r} {end}V{y}A{r} {r} 0 0 1 {x + r} {y}V{end}" for r in range(7, 77, 10)]
    left, right = 76 + dice[2] % 14, 76 + dice[3] % 14
    run = _smooth([(-6, left), (width // 2, 92 - dice[4] % 12), (width + 6, right)])
    return LaneArt(f"0 0 {width} {height}", tuple(lanes), run, 0, 0)


SHAPES = {"hero": hero, "header": header, "tile": tile, "face": face}


def draw(seed: str, shape: str) -> LaneArt:
    """The picture for ``seed`` in one of SHAPES; an unknown shape is a tile."""
    return SHAPES.get(shape, tile)(seed or "massage for runners")

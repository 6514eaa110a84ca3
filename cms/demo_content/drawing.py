"""A pen for the demo's drawings: lines, dots and bars in the practice's colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SIZE = (1600, 900)  # the units of a drawing
PIXELS = (1200, 675)  # of the file: the widest a page asks for
SCALE = 1.5  # drawn larger than the file and made smaller, for smooth edges
PINE, PINE_2, CHALK, SUNKEN = "#0f3d36", "#1f7a69", "#faf8f3", "#f1ede3"
HIVIS, TRACK, INK, MUTED = "#d9f24f", "#b93a12", "#15231f", "#53625c"
MIST = "#dcebe4"
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture with the words for those who do not see it."""

    title: str
    alt: str
    draw: Callable[[Pen], None]


class Pen:
    """A canvas in the units of a drawing."""

    def __init__(self, ground: str) -> None:
        self.image = Image.new("RGB", (round(SIZE[0] * SCALE), round(SIZE[1] * SCALE)), ground)
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

    def bar(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        colour: str,
        *,
        radius: float = 18,
    ) -> None:
        box = (left * SCALE, top * SCALE, right * SCALE, bottom * SCALE)
        self.canvas.rounded_rectangle(box, radius=radius * SCALE, fill=colour)

    def fill(self, colour: str) -> None:
        self.canvas.rectangle((0, 0, *self.image.size), fill=colour)

    def word(self, at: Point, text: str, colour: str, *, size: int = 40) -> None:
        font = ImageFont.load_default(round(size * SCALE))
        place = (at[0] * SCALE, at[1] * SCALE)
        self.canvas.text(place, text, fill=colour, font=font, anchor="mm")

    def png(self) -> bytes:
        data = BytesIO()
        self.image.resize(PIXELS, Image.Resampling.LANCZOS).save(data, "PNG")
        return data.getvalue()


def png(drawing: Drawing) -> bytes:
    pen = Pen(CHALK)
    drawing.draw(pen)
    return pen.png()

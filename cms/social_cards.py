"""The picture of a page where it is shared: its title on the track, drawn by code.

An address holds a digest of what is drawn, so a picture never changes and any cache may keep it
for ever. It is drawn when first asked for and kept beside the other files of the site.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from io import BytesIO
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from PIL import Image, ImageDraw, ImageFont

from cms.pages.base import BasePage

WIDTH, HEIGHT = 1200, 630
SCALE = 2  # drawn larger and made smaller, for smooth edges
MARGIN = 80
FOLDER = "social"
LOOK = "1"  # part of every digest: another look, other addresses
PINE, LANE, CHALK, QUIET, HIVIS = "#0f3d36", "#1f7a69", "#faf8f3", "#c4d9d2", "#d9f24f"
SIZES = (92, 80, 68, 58)  # of the title, until it fits
MOST_LINES = 4
DISPLAY, TEXT = "portal/fonts/bricolage-600-800.woff2", "portal/fonts/figtree-var.woff2"


def card_address(page: BasePage) -> str:
    """Absolute, for the head of a page."""
    address = reverse("social_card", args=[page.pk, _digest(page)])
    return f"{settings.SITE_URL}{address}"


@require_safe
def card(request: HttpRequest, page_id: int, digest: str) -> HttpResponse:
    """The picture of a live, public page; an old address leads to the picture of today."""
    page = BasePage.objects.live().public().filter(pk=page_id, depth__gte=2).first()
    if page is None:
        raise Http404
    page = page.specific
    if digest != _digest(page):
        return redirect(card_address(page))
    return _kept_for_ever(request, page)


@cache_control(public=True, max_age=31_536_000, immutable=True)
def _kept_for_ever(request: HttpRequest, page: BasePage) -> HttpResponse:
    return HttpResponse(_stored(page), content_type="image/png")


def _stored(page: BasePage) -> bytes:
    path = f"{FOLDER}/{page.pk}-{_digest(page)}.png"
    if default_storage.exists(path):
        with default_storage.open(path) as file:
            return bytes(file.read())
    data = draw(page.title, _kicker(page))
    _forget_older(page.pk)
    default_storage.save(path, ContentFile(data))
    return data


def _forget_older(page_id: int) -> None:
    if default_storage.exists(FOLDER):
        _, names = default_storage.listdir(FOLDER)
        for name in names:
            if name.startswith(f"{page_id}-"):
                default_storage.delete(f"{FOLDER}/{name}")


def _digest(page: BasePage) -> str:
    drawn = "\0".join((LOOK, page.title, _kicker(page), settings.WAGTAIL_SITE_NAME))
    return hashlib.sha256(drawn.encode()).hexdigest()[:16]


def _kicker(page: Any) -> str:
    """The small line over the title."""
    return str(page.social_kicker)


# --- Drawing ----------------------------------------------------------------------------------
def draw(title: str, kicker: str) -> bytes:
    """A PNG of 1200 by 630, the same for the same words."""
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), PINE)
    canvas = ImageDraw.Draw(image)
    _lanes(canvas, title)
    font, lines = _fitted(title)
    step = int(font.size * 1.06)
    top = HEIGHT * SCALE - (MARGIN + 64) * SCALE - step * len(lines)
    if kicker:
        small = _font(TEXT, 34, "Bold")
        canvas.text((MARGIN * SCALE, top - 24 * SCALE), kicker, HIVIS, small, anchor="ls")
    for place, line in enumerate(lines):
        canvas.text((MARGIN * SCALE, top + step * (place + 0.8)), line, CHALK, font, anchor="ls")
    foot = (HEIGHT - MARGIN + 20) * SCALE
    name = _font(TEXT, 32, "Medium")
    canvas.text((MARGIN * SCALE, foot), settings.WAGTAIL_SITE_NAME, QUIET, name, anchor="ls")
    small_image = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).quantize(96)
    data = BytesIO()
    small_image.save(data, "PNG", optimize=True)
    return data.getvalue()


def _lanes(canvas: ImageDraw.ImageDraw, seed: str) -> None:
    """Nested bends from the right edge; where they turn and which is bright comes of the title."""
    dice = hashlib.sha256(seed.encode()).digest()
    x, y = (WIDTH - 60 - dice[0] % 160) * SCALE, (40 + dice[1] % 120) * SCALE
    bright = 1 + dice[2] % 3
    for lane in range(9):
        radius = (70 + lane * 56) * SCALE
        box = (x - radius, y - radius, x + radius, y + radius)
        colour, width = (HIVIS, 9) if lane == bright else (LANE, 4)
        canvas.arc(box, 90, 270, fill=colour, width=width * SCALE)
        for edge in (y - radius, y + radius - width * SCALE):
            canvas.rectangle((x, edge, WIDTH * SCALE, edge + width * SCALE), fill=colour)


def _fitted(title: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The title in the largest size at which it fits; cut with dots if it never does."""
    for size in SIZES:
        font = _font(DISPLAY, size, "ExtraBold")
        lines = _wrapped(title, font)
        if len(lines) <= MOST_LINES:
            return font, lines
    kept = lines[:MOST_LINES]
    kept[-1] = _cut(f"{kept[-1]}\N{HORIZONTAL ELLIPSIS}", font)
    return font, kept


def _wrapped(title: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= _room():
            lines[-1] = longer
        else:
            lines.append(_cut(word, font))
    return lines or [settings.WAGTAIL_SITE_NAME]


def _cut(word: str, font: ImageFont.FreeTypeFont) -> str:
    while len(word) > 1 and font.getlength(word) > _room():
        word = f"{word[:-2]}\N{HORIZONTAL ELLIPSIS}"
    return word


def _room() -> float:
    return (WIDTH - 2 * MARGIN) * SCALE


@lru_cache(maxsize=16)
def _font(name: str, size: int, weight: str) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(finders.find(name)), size * SCALE)
    weights = {"ExtraBold": 800, "Bold": 700, "Medium": 500}
    font.set_variation_by_axes([weights[weight]])
    return font

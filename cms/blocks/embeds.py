"""Films that live elsewhere: an address and our own picture, until somebody presses play."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from wagtail import blocks

_YOUTUBE_ID = re.compile(r"[-\w]{11}")
_VIMEO_ID = re.compile(r"\d{6,12}")
UNKNOWN = "Only films on YouTube and Vimeo. Paste the address of the film's own page."
POLICY = "_frames_of_this_page"  # on a request: the hosts that its page may frame


@dataclass(frozen=True, slots=True)
class Film:
    """`player` is what a frame loads, on `host`."""

    provider: str
    host: str
    player: str


def film_at(address: str) -> Film | None:
    """The film at an address that a person copied, or None. Nothing is looked up."""
    parts = urlsplit(address.strip())
    if parts.scheme not in ("http", "https"):
        return None
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if host in ("youtube.com", "youtu.be", "youtube-nocookie.com"):
        return _youtube(_youtube_id(host, parts.path, parts.query))
    if host in ("vimeo.com", "player.vimeo.com"):
        found = _VIMEO_ID.fullmatch(parts.path.rstrip("/").rpartition("/")[2])
        return _vimeo(found[0]) if found else None
    return None


def _youtube_id(host: str, path: str, query: str) -> str:
    if host == "youtu.be":
        return path.strip("/")
    if path.startswith(("/embed/", "/shorts/", "/live/")):
        return path.strip("/").partition("/")[2]
    return parse_qs(query).get("v", [""])[0]


def _youtube(film_id: str) -> Film | None:
    if not _YOUTUBE_ID.fullmatch(film_id):
        return None
    host = "https://www.youtube-nocookie.com"
    return Film("YouTube", host, f"{host}/embed/{film_id}?autoplay=1")


def _vimeo(film_id: str) -> Film:
    host = "https://player.vimeo.com"
    return Film("Vimeo", host, f"{host}/video/{film_id}?autoplay=1&dnt=1")


def known_film(address: str) -> None:
    """A validator.

    Raises:
        ValidationError: the address is not of a film we can show.
    """
    if film_at(address) is None:
        raise ValidationError(UNKNOWN)


class EmbedBlock(blocks.StructBlock):
    address = blocks.URLBlock(
        validators=[known_film], help_text="Of the film's page on YouTube or Vimeo."
    )
    title = blocks.CharBlock(
        max_length=120, help_text="What the film shows; also for those who do not see it."
    )
    note = blocks.CharBlock(required=False, max_length=240, label="caption")

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        film = film_at(value["address"] or "")
        if film and (request := context.get("request")):
            request.__dict__.setdefault(POLICY, set()).add(film.host)
        return context | {"film": film}

    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        data: dict[str, Any] = super().get_api_representation(value, context)
        film = film_at(value["address"] or "")
        facts = {"provider": film.provider, "player": film.player} if film else {}
        return {**data, "provider": "", "player": "", **facts}

    class Meta:
        icon = "media"
        label = "Film"
        description = "A film on YouTube or Vimeo. Nothing is loaded from there before a press."
        template = "cms/blocks/embed.html"
        preview_value = {
            "address": "https://vimeo.com/76979871",
            "title": "A calf raise on a step",
            "note": "Slow down, slower than up.",
        }


def allow_frames(request: Any, response: Any) -> None:
    """Let the page of this request frame the players it has, and no other host."""
    if hosts := getattr(request, POLICY, None):
        response._csp_update = {"frame-src": sorted(hosts)}

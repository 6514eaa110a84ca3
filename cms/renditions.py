"""The sizes images are served in. A closed list: nobody asks for a size by address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects

from cms.addresses import whole

WIDTHS = (400, 800, 1200)
SOCIAL = "fill-1200x630|format-jpeg"  # of Open Graph


def spec(width: int) -> str:
    return f"format-webp|width-{width}"


PAGE_SPECS = tuple(
    f"format-{kind}|width-{width}" for kind in ("avif", "webp", "jpeg") for width in WIDTHS
)


def draw(image: Any) -> None:
    """Make every size a page asks for, so that its first reader does not wait."""
    image.get_renditions(*PAGE_SPECS, SOCIAL)


def widest_jpeg(image: Any) -> Any:
    """The rendition for places that know no newer format."""
    return image.get_rendition(f"format-jpeg|width-{WIDTHS[-1]}")


def avif_srcset(image: Any) -> str:
    """The newest format in every width, for a preload of what a reader sees first."""
    made = image.get_renditions(*(f"format-avif|width-{width}" for width in WIDTHS))
    return ", ".join(f"{each.url} {each.width}w" for each in made.values())


def read_renditions(images: Iterable[Any]) -> None:
    """Fetch what is already drawn for all these images in one query."""
    wanted = [image for image in images if image is not None]
    if wanted:
        prefetch_related_objects(wanted, "renditions")


def picture_data(image: Any, *, alt: str) -> dict[str, Any]:
    """JSON of an image: absolute addresses and sizes of each rendition."""
    made = image.get_renditions(*(spec(width) for width in WIDTHS))
    main = made[spec(800)]
    return {
        "id": image.pk,
        "alt": alt,
        "url": full_url(main),
        "width": main.width,
        "height": main.height,
        "renditions": [
            {"url": full_url(each), "width": each.width, "height": each.height}
            for each in made.values()
        ],
    }


def full_url(rendition: Any) -> str:
    return whole(rendition.url)

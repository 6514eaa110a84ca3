"""The image block: alternative text or an explicit "decorative", and real renditions in JSON."""

from __future__ import annotations

from typing import Any

from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from cms.renditions import picture_data


class PictureBlock(blocks.StructBlock):
    image = ImageBlock()
    caption = blocks.CharBlock(required=False, max_length=240)

    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any] | None:
        image = value.get("image")
        if image is None:
            return None
        data = picture_data(image, alt="" if image.decorative else image.contextual_alt_text or "")
        return {**data, "decorative": bool(image.decorative), "caption": value["caption"]}

    class Meta:
        icon = "image"
        label = "Picture"
        description = "A photo or drawing. Say what it shows, or mark it as decoration."
        template = "cms/blocks/picture.html"
        preview_template = "cms/blocks/picture_preview.html"

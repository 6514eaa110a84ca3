"""What the editor's form asks of a page beyond its fields."""

from __future__ import annotations

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm

from cms.health import PICTURES


class DescribedPictureForm(WagtailAdminPageForm):
    """A picture at the top says what it shows or is decoration, before it is published.

    A draft may be half done, so autosave never stumbles over it.
    """

    def clean(self) -> Any:
        cleaned = super().clean()
        for image, name in PICTURES:
            if not cleaned.get(image):
                continue
            if cleaned.get(f"{name}_decorative"):
                cleaned[f"{name}_alt"] = ""
            elif not cleaned.get(f"{name}_alt") and not self.is_deferred_validation:
                self.add_error(
                    f"{name}_alt", "Say what the picture shows, or mark it as only decoration."
                )
        return cleaned

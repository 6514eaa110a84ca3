"""Wagtail's upload forms, with our checks: the admin and the API both go through them."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.fields import FileField
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from cms.uploads.documents import check_document
from cms.uploads.errors import UploadRefused
from cms.uploads.images import CleanFile, cleaned_as


class DrawnAnewField(WagtailImageField):
    """Hands on the image as we drew it. Wagtail's own stops with a 500 on one that is cut short."""

    def to_python(self, data: Any) -> CleanFile | None:
        file = FileField.to_python(self, data)
        if file is None:
            return None
        try:
            return cleaned_as(file.name, _content(file)).as_file(PurePath(file.name).stem)
        except UploadRefused as refusal:
            raise ValidationError(str(refusal), code="refused") from refusal


class ImageUploadForm(BaseImageForm):
    """Keeps the image as we drew it, never as it came."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("file"):
            self.fields["file"] = DrawnAnewField(
                label=field.label, required=field.required, widget=field.widget
            )


class DocumentUploadForm(BaseDocumentForm):
    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file or "file" not in self.changed_data:
            return file
        try:
            check_document(file.name, _content(file))
        except UploadRefused as refusal:
            raise ValidationError(str(refusal), code="refused") from refusal
        return file


def _content(file: Any) -> bytes:
    file.seek(0)
    data: bytes = file.read()
    file.seek(0)
    return data

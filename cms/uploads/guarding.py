"""The last door before the disk: what comes past the forms is checked when it is saved."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.db.models.signals import pre_save

from cms.uploads.documents import check_document
from cms.uploads.images import CleanFile, cleaned


def stand_guard() -> None:
    """Called once, when the app is ready."""
    pre_save.connect(_clean_image, sender="wagtailimages.Image", dispatch_uid="clean_image")
    pre_save.connect(_check, sender="wagtaildocs.Document", dispatch_uid="check_document")


def _clean_image(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    file = _new_file(instance, raw)
    if file is None:
        return
    if not isinstance(file.file, CleanFile):
        instance.file = cleaned(_content(file)).as_file(PurePath(file.name).stem)
    instance._set_image_file_metadata()  # so that we know the same image again


def _check(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    file = _new_file(instance, raw)
    if file is not None:
        check_document(file.name, _content(file))


def _new_file(instance: Any, raw: bool) -> Any:
    """The file that this save would write; None when it is on the disk already."""
    return instance.file if instance.file and not instance.file._committed and not raw else None


def _content(file: Any) -> bytes:
    file.open()
    file.seek(0)
    data: bytes = file.read()
    file.seek(0)
    return data

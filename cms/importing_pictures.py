"""Pictures of imported documents: one image for one picture, and no file without its row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from wagtail.images.models import Image
from wagtail.models import Collection
from wagtail.permissions import policy_registry

from cms.reading_parts import Article, Picture

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(slots=True)
class Keeper:
    """Makes an image of a picture, or finds the one we have of it."""

    by: User | None
    written: list[str] = field(default_factory=list)

    def require_right(self, article: Article) -> None:
        """
        Raises:
            PermissionDenied: the article has a picture we lack, and `by` may not add images.
        """
        if any(self._known(picture) is None for picture in pictures_of(article)):
            self._where()

    def keep(self, picture: Picture) -> Image:
        """
        Raises:
            PermissionDenied: we lack the picture, and `by` may not add images.
        """
        known = self._known(picture)
        if known is not None:
            return known
        stem = PurePath(picture.name).stem[:80] or "picture"
        image = Image(
            title=stem.replace("-", " ").replace("_", " ")[:255],
            description=picture.alt[:255],
            file=picture.image.as_file(stem),
            uploaded_by_user=self.by,
            **self._where(),
        )
        image.save()
        self.written.append(image.file.name)
        return image

    def _where(self) -> dict[str, Collection]:
        """The first collection that `by` may add images to; nothing for the command line."""
        if self.by is None:
            return {}
        policy = policy_registry.get_by_type(Image)
        collection = policy.collections_user_has_permission_for(self.by, "add").first()
        if collection is None:
            raise PermissionDenied("You may not add images.")
        return {"collection": collection}

    @staticmethod
    def _known(picture: Picture) -> Image | None:
        """By the file as it came, which is ours when it was exported here, or as we drew it."""
        digests = [digest for digest in (picture.raw_digest, picture.image.digest) if digest]
        return Image.objects.filter(file_hash__in=digests).order_by("pk").first()


def pictures_of(article: Article) -> list[Picture]:
    return [part for part in article.parts if isinstance(part, Picture)]


@contextmanager
def keeping(by: User | None) -> Iterator[Keeper]:
    """When the import fails, the files that were written go with their rows."""
    keeper = Keeper(by)
    try:
        yield keeper
    except BaseException:
        for name in keeper.written:
            default_storage.delete(name)
        raise

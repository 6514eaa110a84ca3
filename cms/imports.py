"""What was brought in from a file, so that the same file is never two pages."""

import uuid

from django.conf import settings
from django.db import models


class ArticleImport(models.Model):
    """Joins an article to the text it came from.

    `content_digest` is of the draft as the import left it: a page whose newest draft has another
    one was edited by a person since, and is not touched again.
    """

    page = models.OneToOneField(
        "cms.ArticlePage", on_delete=models.CASCADE, related_name="came_from"
    )
    source = models.SlugField(max_length=255, unique=True, help_text="The slug of its title.")
    text_digest = models.CharField(max_length=64)
    content_digest = models.CharField(max_length=64)
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.source


class WaitingImport(models.Model):
    """Uploaded documents between looking at them and making drafts of them.

    The files are packed as they came, so that a refusal loses nothing. `forget_uploads` takes
    away what nobody came back to.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    files = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="waiting_import_age")]

    def __str__(self) -> str:
        return str(self.public_id)

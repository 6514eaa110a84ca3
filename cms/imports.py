"""What was brought in from a file, so that the same file is never two pages."""

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

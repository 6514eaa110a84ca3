"""The page tree. See docs/content.md."""

from cms.imports import ArticleImport
from cms.pages.base import BasePage
from cms.pages.home import HomePage
from cms.pages.journal import ArticleIndexPage, ArticlePage, ArticleTag
from cms.pages.packages import PackagesPage
from cms.pages.people import TherapistIndexPage, TherapistPage
from cms.pages.standard import StandardPage
from cms.pages.treatments import ServiceIndexPage, ServicePage
from cms.webhooks.models import ContentEvent, WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "ArticleImport",
    "ArticleIndexPage",
    "ArticlePage",
    "ArticleTag",
    "BasePage",
    "ContentEvent",
    "HomePage",
    "PackagesPage",
    "ServiceIndexPage",
    "ServicePage",
    "StandardPage",
    "TherapistIndexPage",
    "TherapistPage",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]

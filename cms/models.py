"""The page tree. See docs/content.md."""

from cms.imports import ArticleImport
from cms.pages.base import BasePage
from cms.pages.home import HomePage
from cms.pages.journal import ArticleIndexPage, ArticlePage, ArticleTag
from cms.pages.packages import PackagesPage
from cms.pages.people import TherapistIndexPage, TherapistPage
from cms.pages.policy import PolicyPage
from cms.pages.standard import StandardPage
from cms.pages.treatments import ServiceIndexPage, ServicePage
from cms.policy_texts import PolicyText

__all__ = [
    "ArticleImport",
    "ArticleIndexPage",
    "ArticlePage",
    "ArticleTag",
    "BasePage",
    "HomePage",
    "PackagesPage",
    "PolicyPage",
    "PolicyText",
    "ServiceIndexPage",
    "ServicePage",
    "StandardPage",
    "TherapistIndexPage",
    "TherapistPage",
]

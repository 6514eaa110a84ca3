"""The page tree. See docs/content.md."""

from cms.forms.models import ConsentText, Enquiry, FormField, FormPage
from cms.imports import ArticleImport, WaitingImport
from cms.pages.base import BasePage
from cms.pages.home import HomePage
from cms.pages.journal import ArticleIndexPage, ArticlePage, ArticleTag
from cms.pages.packages import PackagesPage
from cms.pages.people import TherapistIndexPage, TherapistPage
from cms.pages.standard import StandardPage
from cms.pages.treatments import ServiceIndexPage, ServicePage

__all__ = [
    "ArticleImport",
    "ArticleIndexPage",
    "ArticlePage",
    "ArticleTag",
    "BasePage",
    "ConsentText",
    "Enquiry",
    "FormField",
    "FormPage",
    "HomePage",
    "PackagesPage",
    "ServiceIndexPage",
    "ServicePage",
    "StandardPage",
    "TherapistIndexPage",
    "TherapistPage",
    "WaitingImport",
]

"""The page tree. See docs/content.md."""

from cms.api_tokens import TokenTerms
from cms.forms.models import ConsentText, Enquiry, FormField, FormPage
from cms.imports import ArticleImport, WaitingImport
from cms.mail_texts.models import MailText
from cms.pages.base import BasePage
from cms.pages.home import HomePage
from cms.pages.journal import ArticleIndexPage, ArticlePage, ArticleTag
from cms.pages.locations import LocationIndexPage, LocationPage
from cms.pages.packages import PackagesPage
from cms.pages.people import TherapistIndexPage, TherapistPage
from cms.pages.policy import PolicyPage
from cms.pages.questions import QuestionsPage
from cms.pages.standard import StandardPage
from cms.pages.treatments import ServiceIndexPage, ServicePage
from cms.policy_texts import PolicyText
from cms.webhooks.models import ContentEvent, WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "ArticleImport",
    "ArticleIndexPage",
    "ArticlePage",
    "ArticleTag",
    "BasePage",
    "ConsentText",
    "ContentEvent",
    "Enquiry",
    "FormField",
    "FormPage",
    "HomePage",
    "LocationIndexPage",
    "LocationPage",
    "MailText",
    "PackagesPage",
    "PolicyPage",
    "PolicyText",
    "QuestionsPage",
    "ServiceIndexPage",
    "ServicePage",
    "StandardPage",
    "TherapistIndexPage",
    "TherapistPage",
    "TokenTerms",
    "WaitingImport",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]

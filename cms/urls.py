"""Addresses of content that are not pages of the tree. Included before Wagtail's."""

from django.urls import path

from cms import crawlers, feeds
from cms.forms import views as forms

urlpatterns = [
    path("forms/<int:page_id>/", forms.send, name="form_send"),
    path("forms/<int:page_id>/thanks/", forms.thanks, name="form_thanks"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("journal/feed/", feeds.journal_feed, name="journal_feed"),
]

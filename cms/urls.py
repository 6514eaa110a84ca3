"""Addresses of content that are not pages of the tree. Included before Wagtail's."""

from django.urls import path

from cms import crawlers, feeds, policy_pages

urlpatterns = [
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("policies/", policy_pages.policies, name="policies"),
    path("policies/<slug:code>/", policy_pages.policy, name="policy"),
    path("policies/<slug:code>/<int:number>/", policy_pages.policy_version, name="policy_version"),
    path("journal/feed/", feeds.journal_feed, name="journal_feed"),
]

"""Addresses of content that are not pages of the tree. Included before Wagtail's."""

from django.urls import path

from cms import crawlers, feeds, search_page

urlpatterns = [
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("journal/feed/", feeds.journal_feed, name="journal_feed"),
    path("search/", search_page.search, name="search"),
]

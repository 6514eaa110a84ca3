"""Addresses of content that are not pages of the tree. Included before Wagtail's."""

from django.urls import path, re_path
from django.views.generic import RedirectView

from cms import crawlers, feeds, policy_pages, search_page, social_cards, twins
from cms.forms import views as forms

urlpatterns = [
    path("forms/<int:page_id>/", forms.send, name="form_send"),
    path("forms/<int:page_id>/thanks/", forms.thanks, name="form_thanks"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("llms.txt", crawlers.llms, name="llms"),
    path("llms-full.txt", crawlers.llms_full, name="llms_full"),
    path("journal/feed/", feeds.rss, name="journal_feed"),
    path("journal/feed/atom/", feeds.atom, name="journal_atom"),
    path("journal/feed/json/", feeds.json_feed, name="journal_json"),
    path("og/<int:page_id>-<slug:digest>.png", social_cards.card, name="social_card"),
    path("search/", search_page.search, name="search"),
    # Where the journal was before, and where people still link to.
    path("blog/", RedirectView.as_view(url="/journal/", permanent=True)),
    path("blog/<slug:slug>/", RedirectView.as_view(url="/journal/%(slug)s/", permanent=True)),
    re_path(r"^(?P<path>[^.]+)\.md$", twins.markdown_page, name="markdown_page"),
    path("policies/", policy_pages.policies, name="policies"),
    path("policies/<slug:code>/", policy_pages.policy, name="policy"),
    path("policies/<slug:code>/<int:number>/", policy_pages.policy_version, name="policy_version"),
]

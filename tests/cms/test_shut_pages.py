"""A page or a document that its editor gave a password asks for it in our look."""

import pytest
from wagtail.models import BaseViewRestriction, PageViewRestriction, Site

from cms.models import StandardPage

pytestmark = pytest.mark.django_db


def test_a_page_with_a_password_asks_says_what_is_wrong_and_opens(client):
    home = Site.objects.get(is_default_site=True).root_page
    page = home.add_child(instance=StandardPage(title="For the club", slug="club"))
    PageViewRestriction.objects.create(
        page=page, restriction_type=BaseViewRestriction.PASSWORD, password="hill repeats"
    )
    asked = client.get(page.url)
    form = asked.context["form"]
    text = asked.content.decode()
    assert "Whoever sent you to this page can tell you the password." in text
    assert text.count("<main") == 1
    typed = {"return_url": form["return_url"].value(), "password": "flat"}

    wrong = client.post(asked.context["action_url"], typed)
    right = client.post(asked.context["action_url"], typed | {"password": "hill repeats"})

    assert "is not correct" in wrong.content.decode()
    assert right.url == page.url
    assert "For the club" in client.get(page.url).content.decode()

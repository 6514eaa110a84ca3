"""Who may not move a page does not get to see the page that would confirm it."""

from django.contrib.auth.models import Group
from django.urls import reverse

from accounts import roles
from cms.models import BasePage, StandardPage
from cms.tree import add_page


def confirmation():
    home = BasePage.objects.get(depth=2)
    page, other = (
        add_page(home, StandardPage(title=slug, slug=slug)) for slug in ("secret-plans", "other")
    )
    return reverse("wagtailadmin_pages:move_confirm", args=[page.pk, other.pk])


def test_a_moderator_is_asked_to_confirm_a_move(client, editor):
    assert "secret-plans" in client.get(confirmation()).content.decode()


def test_a_manager_in_the_admin_is_sent_away_and_moves_nothing(client, editor):
    editor.groups.set([Group.objects.get(name=roles.MANAGERS)])
    address = confirmation()

    assert client.get(address).headers["Location"] == reverse("wagtailadmin_home")
    assert client.post(address).headers["Location"] == reverse("wagtailadmin_home")
    assert StandardPage.objects.get(slug="secret-plans").get_parent().depth == 2

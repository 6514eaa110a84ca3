"""Old addresses: each leads in one hop to where its page is now, or nowhere."""

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.contrib.redirects.models import Redirect

from cms.finding import page_at
from cms.models import BasePage, StandardPage
from cms.redirecting import where_to
from cms.tree import add_page


@pytest.fixture
def moved(django_capture_on_commit_callbacks):
    """Does something and what follows its commit."""

    def moved(act, *arguments):
        with django_capture_on_commit_callbacks(execute=True):
            act(*arguments)

    return moved


def page(parent, slug):
    return add_page(parent, StandardPage(title=slug, slug=slug))


def rename(page, slug):
    page = page.specific_class.objects.get(pk=page.pk)
    page.slug = slug
    page.save_revision().publish()


def move(page, target):
    BasePage.objects.get(pk=page.pk).move(BasePage.objects.get(pk=target.pk), pos="last-child")


def address(page):
    return BasePage.objects.get(pk=page.pk).get_url_parts()[2]


def leads(client, path):
    response = client.get(path)
    return response.status_code, response.get("Location", "").removeprefix("http://localhost:8000")


def test_a_chain_of_names_is_one_hop_for_the_page_and_its_children(client, tree, moved):
    parent = page(tree.home, "a")
    page(parent, "child")

    moved(rename, parent, "b")
    moved(rename, parent, "c")

    assert leads(client, "/a/") == (301, "/c/")
    assert leads(client, "/b/") == (301, "/c/")
    assert leads(client, "/a/child/") == (301, "/c/child/")


def test_a_page_that_comes_back_needs_no_redirect(client, tree, moved):
    page_ = page(tree.home, "a")
    moved(rename, page_, "b")
    moved(rename, page_, "a")

    assert client.get("/a/").status_code == 200
    assert leads(client, "/b/") == (301, "/a/")
    assert not Redirect.objects.filter(old_path="/a").exists()


def test_a_page_out_of_sight_is_no_destination(client, tree, moved):
    page_ = page(tree.home, "a")
    moved(rename, page_, "b")
    StandardPage.objects.get(pk=page_.pk).unpublish()

    assert client.get("/a/").status_code == 404
    assert client.get("/b/").status_code == 404


def test_a_link_typed_by_hand_moves_along_with_its_page(client, tree, moved):
    page_ = page(tree.home, "a")
    Redirect.add_redirect("/offer", "/a/")

    moved(rename, page_, "b")

    assert leads(client, "/offer/") == (301, "/b/")


def test_links_typed_by_hand_to_old_addresses_are_followed_for_the_reader(client, tree, moved):
    page_ = page(tree.home, "a")
    Redirect.add_redirect("/first", "/second/")
    Redirect.add_redirect("/second", "/a/", is_permanent=False)
    moved(rename, page_, "b")
    Redirect.add_redirect("/third", "/a/")

    assert leads(client, "/first/") == (302, "/b/"), "one of the two is only for now"
    assert leads(client, "/third/") == (301, "/b/")


@pytest.mark.parametrize("pairs", [[("/x", "/x/")], [("/x", "/y/"), ("/y", "/x/")]])
def test_a_circle_is_no_answer(client, tree, pairs):
    for old, new in pairs:
        Redirect.add_redirect(old, new)

    assert client.get("/x/").status_code == 404


def test_links_to_elsewhere_and_to_other_views_stay_as_typed(client, tree):
    Redirect.add_redirect("/shop", "https://shoes.example/")
    Redirect.add_redirect("/signin", "/accounts/login/")

    assert leads(client, "/shop/?from=mail") == (301, "https://shoes.example/")
    assert leads(client, "/signin/") == (301, "/accounts/login/")


STEPS = st.lists(
    st.tuples(st.sampled_from("rm"), st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=8
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_every_address_that_was_ever_live_leads_to_its_page_in_one_hop(tree, moved, steps):
    StandardPage.objects.all().delete()
    Redirect.objects.all().delete()
    tree.home.refresh_from_db()
    top, other = page(tree.home, "top"), page(tree.home, "other")
    pages = [top, other, page(top, "leaf"), page(other, "twig")]
    owners = {address(each): each for each in pages}

    for what, which, choice in steps:
        chosen = pages[which]
        target = [tree.home, *pages][choice]
        if not _possible(what, chosen, target, choice):
            continue
        moved(rename, chosen, f"name-{choice}") if what == "r" else moved(move, chosen, target)
        owners |= {address(each): each for each in pages}

    request = RequestFactory().get("/", headers={"host": "localhost"})
    site = tree.home.get_site()
    for path, owner in owners.items():
        here = page_at(site, path)
        if here is None:
            assert where_to(request, path).url.endswith(address(owner)), path
            assert page_at(site, address(owner)).pk == owner.pk
        else:
            assert address(here) == path


def _possible(what, page_, target, choice):
    page_ = BasePage.objects.get(pk=page_.pk)
    parent = page_.get_parent() if what == "r" else BasePage.objects.get(pk=target.pk)
    slug = f"name-{choice}" if what == "r" else page_.slug
    inside = what == "m" and (parent.pk == page_.pk or parent.is_descendant_of(page_))
    return not inside and not parent.get_children().filter(slug=slug).exists()

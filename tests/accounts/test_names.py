"""Names are stored as they are said; those of staff pass for nobody else's (fault 36)."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import joining, names
from accounts.models import User
from accounts.name_guards import NameRefused
from accounts.names import refused_address, refused_name, skeleton
from accounts.roles import FRONT_DESK, OWNERS
from tests.builders import make_runner, make_staff

CYRILLIC_A = "\N{CYRILLIC CAPITAL LETTER A}"
FALSE_ANNA = f"{CYRILLIC_A}nna Holt"
REFUSED = (
    (FALSE_ANNA, names.MIXED),
    ("Anna H\N{GREEK SMALL LETTER OMICRON}lt", names.MIXED),
    ("An\N{ZERO WIDTH JOINER}na Holt", names.UNSEEN),
    ("\N{RIGHT-TO-LEFT OVERRIDE}tloH annA", names.UNSEEN),
    ("Anna Holt\N{HANGUL FILLER}", names.UNSEEN),
    ("Anna Ho1t", names.LIKE_ANOTHER),
    ("Anna HoIt", names.LIKE_ANOTHER),
    ("Carrnen Ruiz", names.LIKE_ANOTHER),
    ("\N{FULLWIDTH LATIN CAPITAL LETTER A}nna Holt", ""),  # the same name, only wider
)
FINE = (
    "Anna Holt",
    "ANNA HOLT",
    "Jos\u00e9 \u00d1and\u00fa",
    "Jose\u0301 Ibarra",
    "Siobh\u00e1n O\u2019Neill-Smith",
    "\u5c71\u7530 \u306f\u306a\u3053",
    "\uae40 \ucca0\uc218",
    "\u05d9\u05e2\u05dc \u05db\u05d4\u05df",
    "\u0410\u043d\u043d\u0430 \u041a\u0430\u0440\u0435\u043d\u0438\u043d\u0430",
    "Nguy\u1ec5n V\u0103n \u00c1nh",
    "",
)


def test_what_staff_may_and_may_not_be_called():
    others = ["Anna Holt", "Carmen Ruiz"]
    assert {name: refused_name(name, others=others) for name, _ in REFUSED} == dict(REFUSED)
    assert {name: refused_name(name, others=others) for name in FINE} == dict.fromkeys(FINE, "")


def test_what_addresses_they_may_have():
    others = ["owner@massage.example", "lil@practice.example"]
    mixed = "m\N{CYRILLIC SMALL LETTER A}ssage.example".encode("idna").decode()
    for email, why in (
        ("owner@massage.example", ""),
        ("sam@massage.example", ""),
        ("sam@xn--mnchen-3ya.example", ""),
        ("owner@rnassage.example", names.ADDRESS_LIKE_ANOTHER),
        ("0wner@massage.example", names.ADDRESS_LIKE_ANOTHER),
        ("1i1@practice.example", names.ADDRESS_LIKE_ANOTHER),
        (f"owner@{mixed}", names.ADDRESS_MIXED),
    ):
        assert refused_address(email, others=others) == why, email


@given(st.text(max_size=40))
@settings(max_examples=50)
def test_a_name_looks_like_itself_however_it_is_written(name):
    assert skeleton(name) == skeleton(f" {name} ")
    assert refused_name(name, others=[name]) != names.LIKE_ANOTHER


@pytest.fixture
def anna(db):
    return make_staff(name="Anna Holt", email="anna@village.example")


def test_a_role_is_not_given_to_who_passes_for_a_colleague(anna):
    role = Group.objects.get(name=FRONT_DESK)
    may = Permission.objects.get(codename="run_day")
    false = make_runner(name=FALSE_ANNA)

    def marked(**values):
        person = User.objects.get(pk=false.pk)
        for field, value in values.items():
            setattr(person, field, value)
        person.save()

    for act in (
        lambda: false.groups.add(role),
        lambda: role.user_set.add(anna, false),
        lambda: false.groups.set([role]),
        lambda: false.user_permissions.add(may),
        lambda: marked(is_staff=True),
        lambda: marked(is_superuser=True),
        lambda: make_staff(name=FALSE_ANNA),
        lambda: make_staff(email="anna@vi1lage.example", name="Alma Reed"),
    ):
        with pytest.raises(NameRefused), transaction.atomic():
            act()
    assert User.objects.working_here().get() == anna

    false.name = "Hannah Bolt"
    false.save(update_fields=["name"])
    false.groups.add(role)
    false.name = FALSE_ANNA
    with pytest.raises(NameRefused, match="one script"):
        false.save()
    twin = make_runner(name="Anna Holt")
    twin.groups.add(role)  # two people may have one name


def test_newcomers_of_one_call_are_compared_with_each_other(db):
    role = Group.objects.get(name=FRONT_DESK)
    pair = make_runner(name="Anna Holt"), make_runner(name="Anna Ho1t")
    with pytest.raises(NameRefused), transaction.atomic():
        role.user_set.add(*pair)
    assert not role.user_set.exists()
    role.user_set.add(make_runner(name="Anna Holt"), make_runner(name="Anna Holt"))


def _owner(client):
    owner = make_staff(name="Olive Grant")
    owner.groups.add(Group.objects.get(name=OWNERS))
    client.force_login(owner)
    return owner


def test_the_admin_says_why_and_writes_the_one_name_we_have(client, anna):
    _owner(client)
    role = Group.objects.get(name=FRONT_DESK).pk
    false = make_runner(name=FALSE_ANNA)
    page = reverse("wagtailusers_users:edit", args=[false.pk])
    said = {"email": false.email, "name": FALSE_ANNA, "is_active": "on"}

    answer = client.post(page, said | {"groups": [role]})
    assert names.MIXED in answer.content.decode()
    assert not false.groups.exists()
    answer = client.post(page, said | {"name": "Hannah Bolt", "groups": [role]})
    assert answer.status_code == 302
    false.refresh_from_db()
    assert (false.name, false.groups.count()) == ("Hannah Bolt", 1)

    answer = client.post(
        reverse("wagtailusers_users:add"),
        {
            "email": "Ann\N{LATIN SMALL LETTER A}2@practice.example",
            "name": "Anna Ho1t",
            "groups": [role],
        },
    )
    assert names.LIKE_ANOTHER in answer.content.decode()
    bulk = reverse("wagtail_bulk_action", args=["accounts", "user", "assign_role"])
    runner = make_runner(name=FALSE_ANNA)
    answer = client.post(f"{bulk}?id={runner.pk}", {"role": role})
    assert answer.status_code in (302, 403)
    assert not runner.groups.exists()


def test_staff_change_their_own_name_and_address_within_the_rule(client, anna):
    owner = _owner(client)
    page = reverse("wagtailadmin_account")
    said = {
        "locale-preferred_language": "",
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
        "theme-keyboard_shortcuts": "on",
    }
    answer = client.post(page, said | {"name_email-name": FALSE_ANNA})
    assert names.MIXED in answer.content.decode()
    client.post(page, said | {"name_email-name": "Olive G. Grant"})
    owner.refresh_from_db()
    assert owner.name == "Olive G. Grant"

    answer = client.post(
        reverse("account_email"), {"action_add": "", "email": "anna@vi1lage.example"}
    )
    assert names.ADDRESS_LIKE_ANOTHER in answer.content.decode()
    answer = client.post(
        "/_allauth/browser/v1/account/email",
        json.dumps({"email": "anna@vi1lage.example"}),
        "application/json",
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "looks_like_another")
    assert not EmailAddress.objects.filter(email="anna@vi1lage.example").exists()


def test_a_visitors_form_names_nobody_who_works_here(anna):
    nameless = make_staff(name="")
    joining.name_once(nameless, FALSE_ANNA)
    runner = make_runner(name="")
    joining.name_once(runner, FALSE_ANNA)
    assert (nameless.name, User.objects.get(pk=runner.pk).name) == ("", FALSE_ANNA)

"""Words that anybody would try here make no password by themselves."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.context_words import OF_THE_PORTAL, OF_THE_TRADE, SAYS
from accounts.models import User
from tests.test_docs import ROOT

BAD = (
    "massageforrunners", "Massage-for-Runners-2026", "harbour yard bristol", "passwordpassword",
    "MASSAGE massage MASSAGE", "welcome1running2", "therapist.2026.admin",
)  # fmt: skip
GOOD = (
    "seven quiet otters paint", "I love running in the rain", "my massage smells of pine trees",
    "742 903 118 556 20", "ждёт тебя тихая река",
)  # fmt: skip


@pytest.mark.parametrize("password", BAD)
def test_our_words_alone_are_refused(password):
    with pytest.raises(ValidationError) as refusal:
        validate_password(password)
    assert SAYS in refusal.value.messages


def test_our_words_among_others_and_anything_else_are_taken():
    for password in GOOD:
        validate_password(password)


@pytest.mark.django_db
def test_a_long_password_counts_as_it_was_typed(client):
    ana = User.objects.create_user("ana@example.com", name="Ana", password="seven quiet otters")
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    client.force_login(ana)
    page = client.get(reverse("account_change_password")).content.decode()
    assert page.count('type="password"') == 3
    assert 'autocomplete="new-password"' in page
    typed = "  Tide and lantern, " + "x" * 100 + " "
    client.post(
        reverse("account_change_password"),
        {"oldpassword": "seven quiet otters", "password1": typed, "password2": typed},
    )

    ana.refresh_from_db()
    assert ana.check_password(typed)
    assert not ana.check_password(typed.strip())
    assert not ana.check_password(typed[:72])
    assert not ana.check_password(typed.lower())


def test_the_page_has_the_list():
    page = (ROOT / "docs/accounts.md").read_text()
    assert [word for word in (*OF_THE_TRADE, *OF_THE_PORTAL) if f"`{word}`" not in page] == []

"""Every page that a plain GET opens, out of the URLconf: no barrier by axe.

Light on a phone, dark at a desk, nothing sideways, one heading of the first level, each tag
closed once. An address that is added is looked at by itself; one that opens for nobody here has
to say below why.
"""

import pytest

from tests.journeys.every_page import every_page
from tests.journeys.looking import barriers, misnested, shown  # noqa: F401 - a fixture used here

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

NO_PAGE = {
    "leads on to another page": """
        _util/login/
        accounts/2fa/
        accounts/social/connections/
        accounts/social/login/cancelled/
        accounts/social/login/error/
        accounts/social/signup/
        blog/
        blog/{slug}/
        orders/{public_id}/return/
        staff/charges/{pk}/
    """,
    "a file that nobody in this practice has": """
        media/{path}
        og/{page_id}-{digest}.png
    """,
    "takes a POST, or asks a script": """
        account/running/
        accounts/2fa/webauthn/login/
    """,
    "comes after a step: test_own_pages.py, test_signing_in.py": """
        account/security/code/
        account/security/second-factor/
        accounts/2fa/authenticate/
        accounts/2fa/totp/activate/
        accounts/2fa/webauthn/add/
        accounts/2fa/webauthn/keys/{pk}/edit/
        accounts/2fa/webauthn/keys/{pk}/remove/
        accounts/2fa/webauthn/reauthenticate/
        accounts/2fa/webauthn/signup/
        accounts/confirm-email/
        accounts/login/code/confirm/
        accounts/password/change/
        accounts/password/reset/complete/
        accounts/password/reset/confirm/
        accounts/reauthenticate/
        book/{public_id}/code/
        book/{public_id}/you/
        staff/bank/columns/
        waitlist/code/
        waitlist/you/
    """,
    "is Apple's, Google's or Strava's, whose keys a test has not": """
        accounts/3rdparty/signup/
        accounts/apple/login/
        accounts/apple/login/callback/
        accounts/apple/login/callback/finish/
        accounts/google/login/
        accounts/google/login/callback/
        accounts/google/login/token/
        accounts/strava/login/
        accounts/strava/login/callback/
    """,
    "is written by editors: test_demo_barriers.py": """
        forms/{page_id}/
    """,
    "of the demo only": """
        mailbox/
        mailbox/authenticator/
        mailbox/{name}/
        mailbox/{name}/html/
        styleguide/
    """,
}


def test_no_page_has_a_barrier(shown):  # noqa: F811
    opened, shut = every_page()

    assert shut ^ set(" ".join(NO_PAGE.values()).split()) == set()
    nested = {one.name: misnested(one.answer.content.decode()) for one in opened}
    assert {name: wrong for name, wrong in nested.items() if wrong} == {}
    assert [found for one in opened for found in barriers(shown(one.answer), one.name)] == []

"""Each address about signing in and people is guarded, or said to need no guard, and why."""

from django.urls import get_resolver

from accounts.failed_tries import OPERATIONS, OUR_RESET, PAGES
from accounts.proof_first import CHANGES, CHANGES_BY_API, CONNECTING

ABOUT = ("account_", "mfa_", "socialaccount_", "usersessions_", "headless:", "wagtailusers_")
ENDS = ("_login", "_login_by_token", "_callback", "_finish_callback")
BY_ALLAUTH = "allauth asks whoever has a password or a factor, and nobody else has it"
READ = "says, and changes nothing"
BEGINS = "for somebody who is not signed in; what it sends is limited by allauth"
A_KEY = "a passkey cannot be guessed"
COMES_BACK = "connecting asks for the proof once more as it comes back (`elsewhere`)"
HARMLESS = {
    "account_logout": "opens nothing",
    "account_inactive": READ,
    "account_change_password": "takes the old one",
    "account_complete_password_reset": "after the code of `account_confirm_password_reset_code`",
    "account_password_reset_completed": READ,
    "account_request_login_code": BEGINS,
    "account_reset_password": BEGINS,
    "account_signup": BEGINS,
    "account_signup_by_passkey": BEGINS,
    "mfa_index": READ,
    "mfa_list_webauthn": READ,
    "mfa_edit_webauthn": "a name for a key",
    "mfa_deactivate_totp": BY_ALLAUTH,
    "mfa_download_recovery_codes": BY_ALLAUTH,
    "mfa_generate_recovery_codes": BY_ALLAUTH,
    "mfa_remove_webauthn": BY_ALLAUTH,
    "mfa_view_recovery_codes": BY_ALLAUTH,
    "mfa_login_webauthn": A_KEY,
    "mfa_reauthenticate_webauthn": A_KEY,
    "mfa_signup_webauthn": "a part of joining",
    "socialaccount_login_cancelled": READ,
    "socialaccount_login_error": READ,
    "socialaccount_signup": "a part of joining",
    "apple_callback": COMES_BACK,
    "apple_finish_callback": COMES_BACK,
    "google_callback": COMES_BACK,
    "strava_callback": COMES_BACK,
    "google_login_by_token": "signs in, and connects nothing",
    "wagtailadmin_login": "leads to ours",
    "wagtailcore_login": "leads to ours",
    **{
        f"wagtailusers_{what}:{page}": READ
        for what in ("api_tokens", "groups", "users")
        for page in ("history", "history_results", "index", "index_results", "usage")
    },
    "headless:openapi_html": READ,
    "headless:openapi_json": READ,
    "headless:openapi_yaml": READ,
}
HARMLESS_BY_API = {
    "config": READ,
    "tokens:refresh": "no such tokens are given",
    "account:current_session": "says who it is, or signs out",
    "account:manage_phone": "no telephone signs in",
    "account:verify_phone": "no telephone signs in",
    "account:resend_phone_verification_code": "no telephone signs in",
    "account:request_login_code": BEGINS,
    "account:request_password_reset": BEGINS,
    "account:resend_email_verification_code": BEGINS,
    "account:resend_login_code": BEGINS,
    "account:signup": BEGINS,
    "mfa:authenticators": READ,
    "mfa:authenticate_webauthn": A_KEY,
    "mfa:login_webauthn": A_KEY,
    "mfa:reauthenticate_webauthn": A_KEY,
    "mfa:manage_recovery_codes": BY_ALLAUTH,
    "mfa:signup_webauthn": "a part of joining",
    "socialaccount:provider_signup": "a part of joining",
}


def _names(patterns, space=""):
    for one in patterns:
        if inner := getattr(one, "url_patterns", None):
            yield from _names(inner, f"{space}{one.namespace}:" if one.namespace else space)
        elif one.name:
            yield space + one.name


def _of_operation(name):
    return name.split(":", 2)[-1] if name.startswith(("headless:app:", "headless:browser:")) else ""


def test_no_door_is_forgotten():
    doors = {
        name
        for name in _names(get_resolver().url_patterns)
        if name.startswith(ABOUT) or name.endswith(ENDS)
    }
    pages = {name for name in doors if not _of_operation(name)}
    operations = {_of_operation(name) for name in doors} - {""}
    assert len(pages) > 40
    assert len(operations) > 25

    assert pages - {*CHANGES, *CONNECTING} - {*PAGES} - {*HARMLESS} == set()
    assert operations - {*CHANGES_BY_API} - {*OPERATIONS} - {*HARMLESS_BY_API} == set()


def test_no_list_speaks_of_what_is_not_there():
    names = {*_names(get_resolver().url_patterns)}
    operations = {_of_operation(name) for name in names}
    assert {*CHANGES, *CONNECTING, *PAGES, *HARMLESS, OUR_RESET} - names == set()
    assert {*CHANGES_BY_API, *OPERATIONS, *HARMLESS_BY_API} - operations == set()
    assert {*HARMLESS} & {*CHANGES, *CONNECTING} == set()
    assert {*HARMLESS_BY_API} & CHANGES_BY_API == set()

"""Addresses of sign-in and security that are not allauth's own."""

from django.urls import path

from accounts import proving_pages, security_pages

urlpatterns = [
    path("", security_pages.security, name="security"),
    path("passkey/", security_pages.passkey_offer, name="passkey_offer"),
    path("second-factor/", security_pages.second_factor, name="second_factor"),
    path("code/", proving_pages.prove_by_code, name="prove_by_code"),
    path("sessions/<int:pk>/end/", security_pages.end_session, name="end_session"),
]

"""Addresses of sign-in and security that are not allauth's own."""

from django.urls import path

from accounts import security_pages

urlpatterns = [
    path("", security_pages.security, name="security"),
    path("second-factor/", security_pages.second_factor, name="second_factor"),
]

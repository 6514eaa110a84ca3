"""Addresses of the runner's own pages."""

from django.urls import path

from portal.account import calendar, views

app_name = "portal_account"

urlpatterns = [
    path("", views.home, name="home"),
    path("sessions/", views.sessions, name="sessions"),
    path("credits/", views.credits, name="credits"),
    path("credits/statement.csv", views.credits_csv, name="credits_csv"),
    path("calendar/", calendar.new_address, name="calendar_address"),
    path("calendar/end/", calendar.stop, name="calendar_end"),
    path("orders/", views.orders, name="orders"),
]

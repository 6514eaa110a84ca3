"""Addresses of the runner's own pages."""

from django.urls import path

from portal.account import calendar, statement, views

app_name = "portal_account"

urlpatterns = [
    path("", views.home, name="home"),
    path("sessions/", views.sessions, name="sessions"),
    path("credits/", statement.credits, name="credits"),
    path("credits/statement.csv", statement.credits_csv, name="credits_csv"),
    path("calendar/", calendar.new_address, name="calendar_address"),
    path("calendar/end/", calendar.stop, name="calendar_end"),
    path("orders/", views.orders, name="orders"),
]

"""Addresses of the runner's own pages."""

from django.urls import path

from portal.account import calendar, intake, preferences, privacy, races, statement, views

app_name = "portal_account"

urlpatterns = [
    path("", views.home, name="home"),
    path("sessions/", views.sessions, name="sessions"),
    path("credits/", statement.credits, name="credits"),
    path("credits/statement.csv", statement.credits_csv, name="credits_csv"),
    path("calendar/", calendar.new_address, name="calendar_address"),
    path("calendar/end/", calendar.stop, name="calendar_end"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/export/", privacy.export, name="export"),
    path("privacy/deletion/", privacy.erasure, name="erasure"),
    path("privacy/deletion/end/", privacy.keep, name="erasure_end"),
    path("races/", races.races, name="races"),
    path("races/<uuid:public_id>/", races.race, name="race"),
    path("races/<uuid:public_id>/removal/", races.race_removal, name="race_removal"),
    path("races/<uuid:public_id>/return/", races.race_return, name="race_return"),
    path("running/", races.running, name="running"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("mails/<str:token>/", preferences.unsubscribe, name="unsubscribe"),
    path("orders/", views.orders, name="orders"),
    path("intake/", intake.intake, name="intake"),
    path("intake/answers/", intake.answers, name="intake_answers"),
    path("intake/withdrawal/", intake.withdrawal, name="intake_withdrawal"),
]

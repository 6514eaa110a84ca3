"""Addresses of the staff pages."""

from django.urls import path

from portal.staff.views import books, day, inbox, people, start, upkeep

app_name = "staff"

urlpatterns = [
    path("", start.home, name="home"),
    path("day/", day.board, name="day"),
    path("bookings/<uuid:public_id>/", day.booking, name="booking"),
    path("bookings/<uuid:public_id>/arrival/", day.arrival, name="arrival"),
    path("bookings/<uuid:public_id>/completion/", day.completion, name="completion"),
    path("bookings/<uuid:public_id>/no-show/", day.no_show, name="no_show"),
    path("bookings/<uuid:public_id>/cancellation/", day.cancellation, name="cancellation"),
    path("outside/", upkeep.outside, name="outside"),
    path("calendars/", upkeep.calendars, name="calendars"),
    path("calendars/<int:pk>/reading/", upkeep.read_calendar, name="read_calendar"),
    path("calendars/<int:pk>/removal/", upkeep.remove_calendar, name="remove_calendar"),
    path("runners/", people.runners, name="runners"),
    path("runners/<uuid:public_id>/", people.runner, name="runner"),
    path("orders/<uuid:public_id>/", books.order, name="order"),
    path("reconciliation/", books.reconciliation, name="reconciliation"),
    path("transactions/", books.transactions, name="transactions"),
    path("transactions.csv", books.transactions_file, name="transactions_file"),
    path("credits/", books.credit_movements, name="credit_movements"),
    path("credits.csv", books.credit_movements_file, name="credit_movements_file"),
    path("lots/", books.lots, name="lots"),
    path("lots.csv", books.lots_file, name="lots_file"),
    path("payouts/<str:payout_id>/", books.payout, name="payout"),
    path("payouts/<str:payout_id>/lines.csv", books.payout_file, name="payout_file"),
    path("mismatches/", books.mismatches, name="mismatches"),
    path("mismatches/<int:pk>/", books.mismatch, name="mismatch"),
    path("events/", inbox.events, name="events"),
    path("events/<str:event_id>/replay/", inbox.replay, name="replay"),
]

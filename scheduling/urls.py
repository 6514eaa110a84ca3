"""Addresses of the runner's booking pages."""

from django.urls import path

from scheduling.web import booked, cancelling, checking, choosing, holding, moving, who

app_name = "scheduling"

urlpatterns = [
    path("book/", choosing.choose_treatment, name="book"),
    path("book/hold/", holding.hold, name="hold"),
    path("book/<uuid:public_id>/you/", who.you, name="you"),
    path("book/<uuid:public_id>/code/", who.code, name="code"),
    path("book/<uuid:public_id>/check/", checking.check, name="check"),
    path("book/<uuid:public_id>/confirmation/", checking.confirm, name="confirm"),
    path("book/<uuid:public_id>/checkout/", checking.checkout, name="checkout"),
    path("book/<slug:variant_code>/", choosing.choose_time, name="choose_time"),
    path("bookings/<uuid:public_id>/", booked.booked, name="booked"),
    path("bookings/<uuid:public_id>/calendar.ics", booked.calendar, name="calendar"),
    path("bookings/<uuid:public_id>/move/", moving.move, name="move"),
    path("bookings/<uuid:public_id>/cancel/", cancelling.cancel, name="cancel"),
    path("bookings/<uuid:public_id>/cancellation/", cancelling.cancellation, name="cancellation"),
]

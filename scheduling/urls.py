"""Addresses of the runner's booking pages."""

from django.urls import path

from scheduling.web import (
    booked,
    cancelling,
    checking,
    choosing,
    feeds,
    holding,
    link,
    moving,
    offered,
    repeating,
    taking,
    waiting,
    waiting_who,
    who,
)

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
    path("book/<slug:variant_code>/time/", taking.take_time, name="take_time"),
    path("bookings/<uuid:public_id>/", booked.booked, name="booked"),
    path("bookings/<uuid:public_id>/calendar.ics", booked.calendar, name="calendar"),
    path("bookings/<uuid:public_id>/move/", moving.move, name="move"),
    path("bookings/<uuid:public_id>/series/", repeating.repeat, name="repeat"),
    path("bookings/<uuid:public_id>/series/cancel/", repeating.cancel_series, name="cancel_series"),
    path("series/<uuid:public_id>/", repeating.series, name="series"),
    path("bookings/<uuid:public_id>/cancel/", cancelling.cancel, name="cancel"),
    path("bookings/<uuid:public_id>/cancellation/", cancelling.cancellation, name="cancellation"),
    path("calendars/<str:token>.ics", feeds.feed, name="feed"),
    # The same pages by the link in a mail, signed out (B13).
    path("session/<str:token>/", link.booked, name="link_booked"),
    path("session/<str:token>/calendar.ics", link.calendar, name="link_calendar"),
    path("session/<str:token>/move/", moving.move, name="link_move"),
    path("session/<str:token>/cancel/", cancelling.cancel, name="link_cancel"),
    path("session/<str:token>/cancellation/", cancelling.cancellation, name="link_cancellation"),
    path("session/<str:token>/new-link/", link.new_link, name="link_new"),
    path("waitlist/", waiting.waitlist, name="waitlist"),
    path("waitlist/you/", waiting_who.you, name="waitlist_you"),
    path("waitlist/code/", waiting_who.code, name="waitlist_code"),
    path("waitlist/<uuid:public_id>/", waiting.entry, name="waitlist_entry"),
    path("waitlist/<uuid:public_id>/withdrawal/", waiting.withdrawal, name="waitlist_withdrawal"),
    # A time offered from it, by the link in a mail, signed out (E14).
    path("offers/<str:token>/", offered.offer, name="offer"),
    path("offers/<str:token>/acceptance/", offered.acceptance, name="offer_acceptance"),
    path("offers/<str:token>/refusal/", offered.refusal, name="offer_refusal"),
]

"""Addresses of buying: a package, its order, Stripe's door."""

from django.urls import path

from payments import gift_views, views
from payments.buying import buy
from payments.webhooks import stripe_webhook

app_name = "payments"
urlpatterns = [
    path("packages/<slug:code>/buy/", buy, name="buy"),
    path("orders/<uuid:public_id>/", views.order, name="order"),
    path("orders/<uuid:public_id>/checkout/", views.checkout, name="checkout"),
    path("orders/<uuid:public_id>/return/", views.order_return, name="order_return"),
    path("orders/<uuid:public_id>/money-back/", views.money_back, name="money_back"),
    path("orders/<uuid:public_id>/gift/", gift_views.gift_sending, name="gift_sending"),
    path("gifts/<uuid:public_id>/", gift_views.gift, name="gift"),
    path(
        "orders/<uuid:public_id>/credit-notes/<int:number>/",
        views.credit_note,
        name="credit_note",
    ),
    path("webhooks/stripe", stripe_webhook, name="stripe_webhook"),
]

"""What the pages about signing in say of things that have no words of their own."""

from django import template

from accounts.devices import device_of

register = template.Library()
register.filter("device", device_of)

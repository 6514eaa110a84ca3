"""The portal's addresses and one that only says hello, behind the same middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal import urls


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


urlpatterns = [path("hello", hello), *urls.urlpatterns]

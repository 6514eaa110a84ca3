"""Is a POST from one of our own pages?

Public pages are cached whole, so their forms carry no CSRF token. A browser says where a request
comes from in ways a page cannot forge: Sec-Fetch-Site, else Origin, else Referer.
"""

from urllib.parse import urlsplit

from django.http import HttpRequest


def comes_from_us(request: HttpRequest) -> bool:
    """True when the request comes from a page of this host. Says nothing: not ours."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return _origin_of(source) == (request.scheme, request.get_host())


def _origin_of(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ("", "")
    return (parts.scheme, parts.netloc)

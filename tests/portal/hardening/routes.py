"""Every address of the portal, out of the URLconf: with real values, or with hostile ones."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import get_resolver
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver
from django.utils.regex_helper import normalize

_GROUP = re.compile(r"<(?:\w+:)?(\w+)>")
_SLOT = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Route:
    """``shape`` has a ``%(name)s`` for each part that differs."""

    shape: str
    view: Callable

    @property
    def parts(self) -> list[str]:
        return _SLOT.findall(self.shape)

    def filled(self, value: Callable[[str], str]) -> str:
        return _SLOT.sub(lambda found: value(found[1]), self.shape)


def routes() -> list[Route]:
    """Each shape once."""
    found = {route.shape: route for route in _walk(get_resolver(), "/")}
    return list(found.values())


def _walk(resolver: URLResolver, before: str) -> Iterator[Route]:
    for one in resolver.url_patterns:
        shape = before + _shape(one.pattern)
        if isinstance(one, URLPattern):
            yield Route(shape, one.callback)
        else:
            yield from _walk(one, shape)


def _shape(pattern: object) -> str:
    if isinstance(pattern, RoutePattern):
        return _GROUP.sub(r"%(\1)s", str(pattern).replace("%", "%%"))
    text = str(pattern)
    if not text.startswith("^") and "(" not in text:  # the prefix of a language
        return text
    return normalize(text)[0][0]

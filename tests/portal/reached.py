"""Which of the project's functions a view may call, read from its code and not by running it."""

import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType

# What stands in front of the acts: from here on a call is followed.
FRONT = (
    "portal",
    "scheduling.web",
    "scheduling.api",
    "payments.views",
    "payments.buying",
    "payments.gift_views",
    "payments.api",
    "payments.gift_api",
    "accounts",
)
OURS = ("portal", "scheduling", "payments", "accounts", "cms")


def functions_reached(view: Callable) -> set[str]:
    """The dotted names of every function of ours that a view names, followed through ``FRONT``."""
    seen: set[str] = set()
    waiting = list(_functions_in(view))
    while waiting:
        function = waiting.pop()
        name = f"{function.__module__}.{function.__qualname__}"
        if name in seen or not function.__module__.startswith(OURS):
            continue
        seen.add(name)
        if function.__module__.startswith(FRONT):
            waiting += _named_in(function)
    return seen


def _functions_in(thing: object, depth: int = 6) -> Iterator[FunctionType]:
    """A function, and those its decorators keep in their closures."""
    thing = inspect.unwrap(thing) if callable(thing) else thing
    if isinstance(thing, type):
        for member in vars(thing).values():
            yield from _functions_in(member, 0)
    elif isinstance(thing, staticmethod | classmethod):
        yield from _functions_in(thing.__func__, 0)
    elif isinstance(thing, property) and thing.fget:
        yield from _functions_in(thing.fget, 0)
    elif isinstance(thing, FunctionType):
        yield thing
        if depth:
            for cell in thing.__closure__ or ():
                yield from _functions_in(cell.cell_contents, depth - 1)


def _named_in(function: FunctionType) -> Iterator[FunctionType]:
    names = set(_names(function.__code__))
    for name in names:
        found = function.__globals__.get(name)
        if isinstance(found, ModuleType) and found.__name__.startswith(OURS):
            for other in names:
                yield from _ours(getattr(found, other, None))
        else:
            yield from _ours(found)
    for cell in function.__closure__ or ():
        yield from _ours(cell.cell_contents)


def _ours(thing: object) -> Iterator[FunctionType]:
    if getattr(thing, "__module__", None) and thing.__module__.startswith(OURS):
        yield from _functions_in(thing)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)

"""Where a request to the control room comes from, as far as a browser tells."""

from payments.sandbox.shapes import Request


def comes_from_elsewhere(request: Request) -> bool:
    """A form on another website that aims at this machine. Programs say nothing, and may."""
    if site := request.header("sec-fetch-site"):
        return site not in ("same-origin", "none")
    origin = request.header("origin")
    return bool(origin) and str(origin).partition("://")[2] != request.header("host")

"""Refusals in the words and shapes of Stripe's error objects."""

from payments.sandbox.shapes import Json

DOCS = "https://stripe.com/docs/error-codes/"


class ApiError(Exception):
    """An answer other than 2xx.

    `executed` says that the request had passed validation: such an answer is remembered under
    its idempotency key, and a corrected request needs a new key.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = False,
        retry: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.param = param
        self.executed = executed
        self.retry = retry  # "true" or "false": what the client shall do

    def body(self, request_id: str) -> Json:
        error: Json = {"message": self.message, "type": self.kind}
        if self.code:
            error |= {"code": self.code, "doc_url": DOCS + self.code.replace("_", "-")}
        if self.param:
            error["param"] = self.param
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error}


class BadOrder(ValueError):
    """An order to the control room makes no sense; the text says why."""


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """The parameters are wrong; nothing was done and nothing is remembered."""
    return ApiError(400, message, param=param, code=code)


def refused(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """The parameters are well formed, but the object is in no state for it."""
    return ApiError(400, message, param=param, code=code, executed=True)


def unknown_parameter(name: str) -> ApiError:
    return invalid(f"Received unknown parameter: {name}", param=name, code="parameter_unknown")


def missing_parameter(name: str) -> ApiError:
    return invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")


def no_such(noun: str, ident: str, *, param: str | None = None) -> ApiError:
    """404 when the id came in the path, 400 when it came in the parameter `param`."""
    return ApiError(
        400 if param else 404,
        f"No such {noun}: '{ident}'",
        code="resource_missing",
        param=param or "id",
    )


def not_allowed(message: str) -> ApiError:
    return ApiError(401, message)

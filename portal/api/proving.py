"""Proving again who she is, for people who sign in by code: the same act as the page."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from accounts.api import caller, signed_in
from accounts.proving import confirm_code, send_code, session_in_use

router = Router(tags=["privacy"], auth=signed_in)


class ProofIn(Schema):
    """``code`` is the six digits from the mail."""

    code: Annotated[str, Field(min_length=1, max_length=20)]


@router.post("/proof/", response={204: None}, operation_id="send_proving_code")
def send_proving_code(request: HttpRequest) -> Any:
    """Mail a code, where 401 ``sign_in_again`` names the flow ``prove_by_code``.

    Whoever has a password or a second factor shows that by `/_allauth/` instead.
    """
    person = caller(request)
    with session_in_use(request, person):
        send_code(request, person)
    return Status(204, None)


@router.put("/proof/", response={204: None}, operation_id="prove_by_code")
def prove_by_code(request: HttpRequest, proof: ProofIn) -> Any:
    """Type the code; then repeat what was refused."""
    person = caller(request)
    with session_in_use(request, person):
        confirm_code(request, person, proof.code)
    return Status(204, None)

"""What the acts refuse, as problem documents.

A refusal's code is its class's name: ``NoCredit`` is ``no_credit``. So the code is as stable as
the name, and a new refusal has one from its first day.
"""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from accounts.answering import AnswersRefused
from accounts.erasing import ErasureRefused
from accounts.fresh import SignInAgain
from accounts.joining import JoiningError, TooManyCodes, TooManyTries
from accounts.mailing import MailUnavailable
from accounts.merging import MergeError
from accounts.noting import NoteError
from accounts.racing import NotAHabit, RaceError
from accounts.reaching.errors import ElsewhereTrouble
from accounts.treatment_noting import NoteRefused
from cms.importing import ImportRefused
from cms.reading_parts import UnreadableText
from cms.uploads.errors import UploadRefused
from cms.webhooks.managing import WebhookError
from payments.bank_statements import ColumnsUnknown, StatementError
from payments.banking import BankError
from payments.cashing_up import CashUpError
from payments.charting import ChartError
from payments.classifying import ClassificationError
from payments.crediting import CreditError
from payments.disputing.answering import DisputingError
from payments.documents import DocumentError
from payments.exporting.accounting import ExportError
from payments.linking import LinkError
from payments.period_end import ClosingError
from payments.posting import CorrectionError
from payments.refunding.errors import OpenBookings, RefundingError, StaleRefundQuote
from payments.resolving import ResolutionError
from payments.second_person import AdjustmentError
from payments.selling import PaymentsUnavailable, SellingError
from payments.stripe_gateway import GatewayError
from portal.api.problems import problem
from portal.api.refunds import refund_quote_shown
from scheduling.api.questions import BadQuestion
from scheduling.api.rules import hit_shown
from scheduling.api.schemas import free_time, quote_shown
from scheduling.booking import BookingError, NotOffered, TimeTaken
from scheduling.deciding import DecisionsNeeded
from scheduling.errors import StaleQuote, TimeHasBookings, UnreadableQuote

TRY_AGAIN_SECONDS = "30"


def explain_refusals(api: NinjaAPI) -> None:
    """Answer 409 with a code where an act says no, 503 where Stripe does not answer."""

    @api.exception_handler(AdjustmentError)
    @api.exception_handler(AnswersRefused)
    @api.exception_handler(JoiningError)
    @api.exception_handler(NoteRefused)
    @api.exception_handler(RaceError)
    @api.exception_handler(NotAHabit)
    @api.exception_handler(BankError)
    @api.exception_handler(CashUpError)
    @api.exception_handler(CreditError)
    @api.exception_handler(DocumentError)
    @api.exception_handler(RefundingError)
    @api.exception_handler(DisputingError)
    @api.exception_handler(ResolutionError)
    @api.exception_handler(ChartError)
    @api.exception_handler(ClassificationError)
    @api.exception_handler(ClosingError)
    @api.exception_handler(CorrectionError)
    @api.exception_handler(LinkError)
    @api.exception_handler(MergeError)
    @api.exception_handler(NoteError)
    @api.exception_handler(SellingError)
    @api.exception_handler(BookingError)
    @api.exception_handler(ErasureRefused)
    @api.exception_handler(ImportRefused)
    @api.exception_handler(WebhookError)
    def refused(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(409, code_of(error), str(error))

    @api.exception_handler(SignInAgain)
    def sign_in_again(request: HttpRequest, error: SignInAgain) -> HttpResponse:
        return problem(401, code_of(error), str(error), flows=error.ways)

    @api.exception_handler(TooManyCodes)
    @api.exception_handler(TooManyTries)
    def too_many(request: HttpRequest, error: Exception) -> HttpResponse:
        return _later(problem(429, code_of(error), str(error)))

    @api.exception_handler(MailUnavailable)
    def no_mail(request: HttpRequest, error: MailUnavailable) -> HttpResponse:
        return _later(problem(503, code_of(error), str(error)))

    @api.exception_handler(OpenBookings)
    def open_bookings(request: HttpRequest, error: OpenBookings) -> HttpResponse:
        return problem(409, "open_bookings", str(error), bookings=list(error.booking_ids))

    @api.exception_handler(StaleRefundQuote)
    def stale_refund(request: HttpRequest, error: StaleRefundQuote) -> HttpResponse:
        return problem(409, "stale_refund_quote", str(error), quote=refund_quote_shown(error.quote))

    @api.exception_handler(TimeTaken)
    def taken(request: HttpRequest, error: TimeTaken) -> HttpResponse:
        nearest = [free_time(one) for one in error.nearest]
        members = {"nearest": nearest, **_way_round(error)}
        return problem(409, "time_taken", str(error), reason=error.reason, **members)

    @api.exception_handler(NotOffered)
    def not_offered(request: HttpRequest, error: NotOffered) -> HttpResponse:
        members = {"nearest": [free_time(one) for one in error.nearest], **_way_round(error)}
        return problem(409, "not_offered", str(error), reason=error.reason, **members)

    @api.exception_handler(BadQuestion)
    def bad_question(request: HttpRequest, error: BadQuestion) -> HttpResponse:
        return problem(422, error.code, str(error))

    @api.exception_handler(TimeHasBookings)
    def has_bookings(request: HttpRequest, error: TimeHasBookings) -> HttpResponse:
        ids = [one.public_id for one in error.bookings]
        return problem(409, "time_has_bookings", str(error), bookings=ids)

    @api.exception_handler(DecisionsNeeded)
    def decisions_needed(request: HttpRequest, error: DecisionsNeeded) -> HttpResponse:
        hits = [hit_shown(one) for one in error.hits]
        return problem(409, "decisions_needed", str(error), hits=hits)

    @api.exception_handler(ColumnsUnknown)
    def columns_unknown(request: HttpRequest, error: ColumnsUnknown) -> HttpResponse:
        return problem(422, "columns_unknown", str(error), headers=list(error.headers))

    @api.exception_handler(ExportError)
    def no_such_file(request: HttpRequest, error: ExportError) -> HttpResponse:
        return problem(422, "export_error", str(error), field=error.field)

    @api.exception_handler(StatementError)
    @api.exception_handler(ElsewhereTrouble)
    @api.exception_handler(UnreadableText)
    @api.exception_handler(UploadRefused)
    def unreadable_file(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(422, code_of(error), str(error))

    @api.exception_handler(StaleQuote)
    def stale_quote(request: HttpRequest, error: StaleQuote) -> HttpResponse:
        return problem(409, "stale_quote", str(error), quote=quote_shown(error.quote))

    @api.exception_handler(UnreadableQuote)
    def unreadable_quote(request: HttpRequest, error: UnreadableQuote) -> HttpResponse:
        return problem(422, "unreadable_quote", str(error))

    @api.exception_handler(PaymentsUnavailable)
    @api.exception_handler(GatewayError)
    def stripe_down(request: HttpRequest, error: Exception) -> HttpResponse:
        # A refusal's own words may name ids at Stripe: the runner reads ours.
        return _later(problem(503, "payments_unavailable", str(PaymentsUnavailable())))


def _later(response: HttpResponse) -> HttpResponse:
    response["Retry-After"] = TRY_AGAIN_SECONDS
    return response


def _way_round(error: BookingError) -> dict[str, Any]:
    """For staff: the rules to set aside for it to happen (E23)."""
    return {"overridable": sorted(error.overridable)} if error.overridable else {}


def code_of(error: Exception) -> str:
    """``OnlyExpiredCredit`` -> ``only_expired_credit``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()

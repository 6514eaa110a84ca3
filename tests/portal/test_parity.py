"""U15: whatever the portal's own pages change, a client can change by API, by the same act.

The routes are those that Django knows, the operations those of the API's description. A route
that may write and has no line here fails, and so does a line that names what is not there or
where page and operation do not reach the same act.
"""

import inspect
from collections.abc import Callable

import pytest
from django.urls import reverse
from ninja.operation import PathView
from wagtail.api.v3.api import api

from payments import urls as buying_urls
from portal.account import urls as account_urls
from portal.staff import urls as staff_urls
from scheduling import urls as booking_urls
from tests.portal.reached import functions_reached

URLCONFS = {
    "scheduling": booking_urls,
    "payments": buying_urls,
    "staff": staff_urls,
    "portal_account": account_urls,
}

# A page's route, the operation that does the same, and the act both call.
PARITY = {
    "scheduling:hold": ("hold_time", "scheduling.booking.hold_time"),
    "scheduling:confirm": ("confirm_booking", "scheduling.booking.confirm_with_credit"),
    "scheduling:checkout": ("place_order", "scheduling.paying.order_for_hold"),
    "scheduling:move": ("move_booking", "scheduling.quoting.carry_out_move"),
    "scheduling:cancellation": ("cancel_booking", "scheduling.quoting.carry_out_cancel"),
    "scheduling:link_move": ("move_booking", "scheduling.quoting.carry_out_move"),
    "scheduling:link_cancellation": ("cancel_booking", "scheduling.quoting.carry_out_cancel"),
    "portal_account:calendar_address": ("renew_calendar_feed", "scheduling.feeds.new_address"),
    "portal_account:calendar_end": ("stop_calendar_feed", "scheduling.feeds.stop"),
    "portal_account:races": ("add_race", "accounts.racing.add_race"),
    "portal_account:race": ("change_race", "accounts.racing.change_race"),
    "portal_account:race_removal": ("remove_race", "accounts.racing.remove_race"),
    "portal_account:race_return": ("restore_race", "accounts.racing.restore_race"),
    "portal_account:running": ("save_habits", "accounts.racing.save_habits"),
    "portal_account:preferences": ("decide_consent", "accounts.consent_texts.decide"),
    "portal_account:unsubscribe": ("set_preference", "accounts.consent_texts.decide"),
    "portal_account:export": ("export_my_data", "accounts.exporting.export_of"),
    "portal_account:erasure": ("ask_for_my_erasure", "accounts.erasing.ask_for_erasure"),
    "portal_account:erasure_end": ("take_back_my_erasure", "accounts.erasing.take_back"),
    "staff:person_export": ("export_runner", "accounts.exporting.export_of"),
    "staff:person_erasure": ("erase_runner", "accounts.erasing.ask_for_erasure"),
    "staff:person_erasure_end": ("keep_runner", "accounts.erasing.take_back"),
    "scheduling:repeat": ("book_series", "scheduling.repeating.booking.book_series"),
    "scheduling:cancel_series": ("cancel_rest", "scheduling.repeating.cancelling.cancel_rest"),
    "scheduling:waitlist": ("join_waitlist", "scheduling.waitlisting.joining.join"),
    "scheduling:waitlist_entry": ("change_wish", "scheduling.waitlisting.joining.change_wish"),
    "scheduling:waitlist_withdrawal": ("leave_waitlist", "scheduling.waitlisting.joining.withdraw"),
    "scheduling:offer_acceptance": ("accept_offer", "scheduling.waitlisting.answering.accept"),
    "scheduling:offer_refusal": ("decline_offer", "scheduling.waitlisting.answering.decline"),
    "staff:calendars": ("add_calendar", "scheduling.importing.choosing.add_calendar"),
    "staff:read_calendar": ("read_calendar", "scheduling.importing.refreshing.read_now"),
    "staff:arrival": ("mark_arrived", "scheduling.day.check_in"),
    "staff:completion": ("mark_done", "scheduling.day.complete"),
    "staff:no_show": ("mark_missed", "scheduling.day.mark_no_show"),
    "staff:cancellation": ("cancel_at_desk", "scheduling.cancelling.cancel_booking"),
    "staff:take_back": ("take_back", "scheduling.correcting.take_back"),
    "staff:turnaround": ("shorten_turnaround", "scheduling.day.shorten_turnaround"),
    "staff:pay_with_credit": ("pay_with_credit", "scheduling.unpaid.pay_with_credit"),
    "staff:pay_from": ("pay_from", "scheduling.assigning.pay_from"),
    "staff:credit_goodwill": ("give_goodwill", "payments.adjusting_by_hand.give"),
    "staff:credit_extend": ("extend_lot", "payments.crediting.adjusting.extend_lot"),
    "staff:credit_undo": ("undo_extension", "payments.crediting.adjusting.undo_extension"),
    "staff:credit_freeze": ("freeze_lot", "payments.crediting.adjusting.freeze_lot"),
    "staff:credit_thaw": ("thaw_lot", "payments.crediting.adjusting.thaw_lot"),
    "staff:credit_transfer": ("transfer_credits", "payments.crediting.transferring.transfer_units"),
    "staff:credit_withdraw": (
        "withdraw_goodwill",
        "payments.crediting.adjusting.withdraw_goodwill",
    ),
    "staff:walk_in": ("book_at_desk", "scheduling.desk.book_for"),
    "staff:move": ("move_at_desk", "scheduling.moving.move_booking"),
    "staff:blocks": ("block_time", "scheduling.blocking.block_time"),
    "staff:block": ("unblock_time", "scheduling.blocking.unblock"),
    "staff:client_notes": ("write_note", "accounts.noting.write_note"),
    "staff:client_note": ("edit_note", "accounts.noting.edit_note"),
    "staff:note_withdrawal": ("withdraw_note", "accounts.noting.withdraw_note"),
    "staff:client_flags": ("flag_client", "accounts.flagging.flag_client"),
    "staff:client_merge": ("merge_clients", "accounts.merging.merge_people"),
    "staff:merge_undoing": ("undo_merge", "accounts.merging.undo_merge"),
    "staff:gift_sending": ("send_gift_at_desk", "payments.gifting.send_again"),
    "staff:talk": ("let_book_again", "accounts.talking.let_book_again"),
    "staff:session_note": ("write_session_note", "accounts.treatment_noting.write_note"),
    "portal_account:intake_answers": ("answer_questions", "accounts.answering.give_answers"),
    "portal_account:intake_withdrawal": (
        "withdraw_answers",
        "accounts.answering.withdraw_answers",
    ),
    "payments:buy": ("place_order", "payments.ordering.place_order"),
    "payments:checkout": ("place_order", "payments.selling.start_checkout"),
    "payments:gift": ("claim_gift", "payments.gifting.claim"),
    "payments:money_back": ("ask_for_money_back", "payments.late_paying.ask_for_money_back"),
    "payments:gift_sending": ("send_gift_again", "payments.gifting.send_again"),
    "staff:sale": ("sell_at_desk", "payments.desk_selling.sell_at_desk"),
    "staff:session_sale": ("sell_for_session", "scheduling.desk_paying.sell_for_session"),
    "staff:order_payment": ("take_payment", "payments.desk_selling.take_payment"),
    "staff:till": ("count_till", "payments.cashing_up.cash_up"),
    "staff:document_mail": ("send_document_again", "payments.documents.send_again"),
    "staff:bank": ("import_statement", "payments.banking.import_statement"),
    "staff:bank_columns": ("import_statement", "payments.banking.import_statement"),
    "staff:bank_match": ("match_line", "payments.banking.match"),
    "staff:bank_match_sure": ("match_sure_lines", "payments.banking.match_sure_ones"),
    "staff:bank_unmatch": ("unmatch_line", "payments.banking.unmatch"),
    "staff:bank_aside": ("set_line_aside", "payments.banking.set_aside"),
    "staff:payout_arrival": ("mark_payout_arrived", "payments.banking.mark_arrived"),
    "staff:mismatch": ("resolve_mismatch", "payments.resolving.closing.resolve_mismatch"),
    "staff:accept_suggestion": (
        "accept_suggestion",
        "payments.resolving.closing.accept_suggestion",
    ),
    "staff:own_mismatch": ("own_mismatch", "payments.resolving.closing.own_mismatch"),
    "staff:comment_mismatch": (
        "comment_on_mismatch",
        "payments.resolving.closing.comment_on_mismatch",
    ),
    "staff:periods": ("close_period", "payments.period_end.close_period"),
    "staff:account": ("rename_account", "payments.charting.rename_account"),
    "staff:book_rules": ("decide_book_rules", "payments.charting.decide_rules"),
    "staff:journal_entry": ("reverse_entry", "payments.adjusting_by_hand.reverse"),
    "staff:correction": ("post_correction", "payments.adjusting_by_hand.correct"),
    "staff:agree_adjustment": ("agree_to_adjustment", "payments.second_person.agree"),
    "staff:refuse_adjustment": ("refuse_adjustment", "payments.second_person.disagree"),
    "staff:refund": ("refund_order", "payments.refunding.requesting.request_refund"),
    "staff:assign_refund": ("assign_refund", "payments.refunding.external.assign_refund"),
    "staff:approve_refund": ("approve_refund", "payments.refunding.approving.approve_refund"),
    "staff:submit_evidence": ("submit_evidence", "payments.disputing.answering.submit_evidence"),
    "staff:accept_dispute": ("accept_dispute", "payments.disputing.answering.accept_dispute"),
    "staff:invariants_proof": ("prove_invariants", "portal.invariants.proving.prove"),
    "staff:replay": ("replay_event", "payments.inbox.replay"),
}

# Signing up and in on the way to a booking: a client does the same through allauth's own API.
SIGNING_IN = {
    "scheduling:you": "headless:app:account:signup",
    "scheduling:code": "headless:app:account:verify_email",
    "scheduling:waitlist_you": "headless:app:account:signup",
    "scheduling:waitlist_code": "headless:app:account:verify_email",
}

# Mails the owner of a dead link a new one. A client has no links: it has its session.
OF_LINKS_ONLY = {"scheduling:link_new"}

# Where Stripe knocks: no page of ours, and nobody's client.
OF_STRIPE_ONLY = {"payments:stripe_webhook"}

# Both delete one row and call no act.
BY_DELETING = {"staff:remove_calendar": "remove_calendar"}


def routes_that_may_write() -> dict[str, Callable]:
    """Every named route that does not refuse a POST by its decorator."""
    found = {}
    for app, urls in URLCONFS.items():
        for pattern in urls.urlpatterns:
            if "POST" in methods_of(pattern.callback):
                found[f"{app}:{pattern.name}"] = pattern.callback
    return found


def methods_of(view: Callable) -> list[str]:
    """What ``require_http_methods`` and its kin let through; where there is none, a POST."""
    while view is not None:
        kept = inspect.getclosurevars(view).nonlocals
        if "request_method_list" in kept:
            return kept["request_method_list"]
        view = getattr(view, "__wrapped__", None)
    return ["POST"]


def operations() -> dict[str, Callable]:
    found = {}
    for _, router in api._routers:
        for path_view in router.path_operations.values():
            assert isinstance(path_view, PathView)
            for operation in path_view.operations:
                name = operation.operation_id or api.get_openapi_operation_id(operation)
                found[name] = operation.view_func
    return found


def test_every_route_that_may_write_has_its_line():
    assert set(routes_that_may_write()) == {
        *PARITY,
        *SIGNING_IN,
        *OF_LINKS_ONLY,
        *OF_STRIPE_ONLY,
        *BY_DELETING,
    }


@pytest.mark.parametrize("route", PARITY)
def test_page_and_operation_do_it_by_the_same_act(route):
    operation, act = PARITY[route]

    assert operation in operations(), f"no operation {operation} in the API"
    assert act in functions_reached(routes_that_may_write()[route]), f"the page calls no {act}"
    assert act in functions_reached(operations()[operation]), f"the operation calls no {act}"


@pytest.mark.parametrize("operation", BY_DELETING.values())
def test_what_is_deleted_on_a_page_is_deleted_by_api(operation):
    assert operation in operations()


def test_every_act_of_the_table_is_one():
    """A page that reaches an act is not proof if everything reaches it."""
    board = staff_urls.urlpatterns[1].callback

    assert not functions_reached(board) & {act for _, act in PARITY.values()}


@pytest.mark.parametrize("name", SIGNING_IN.values())
def test_signing_in_has_addresses_of_its_own(name):
    assert reverse(name).startswith("/_allauth/app/v1/")

"""What the parameters of addresses and the fields of bodies name."""

from typing import Any

from tests.portal.matrix.rows import NOBODY

# What a parameter or a field names, by the beginning of the address; the longest first.
NAMED = (
    ("documents/authenticate_with_password/", "restriction_id", "shut_collection"),
    ("api/v1/content/pages/{page_id}/schedule/", "page_id", "scheduled_page"),
    ("api/v1/pages/", "parent_id", "parent_page"),
    ("account/security/sessions/", "pk", "device"),
    ("orders/{public_id}/credit-notes/", "number", "credit_note"),
    ("admin/snippets/cms/mailtext/history/", "revision_id", "mail_revision"),
    ("admin/snippets/cms/mailtext/history/", "revision_id_a", "mail_revision"),
    ("admin/snippets/cms/mailtext/history/", "revision_id_b", "mail_revision_after"),
    ("api/v1/snippets/", "revision_id", "mail_revision"),
    ("api/v1/content/preview/", "token", "preview"),
    ("_util/authenticate_with_password/", "page_view_restriction_id", "restriction"),
    ("_util/authenticate_with_password/", "page_id", "shut_page"),
    ("admin/pages/{page_id}/workflow_history/detail/", "page_id", "page_in_workflow"),
    ("api/v1/pages/{page_id}/actions/convert_alias/", "page_id", "alias"),
    ("admin/pages/{page_id}/convert_alias/", "page_id", "alias"),
    ("api/v1/staff/orders/{order_id}/gift", "order_id", "gift_order"),
    ("staff/orders/{public_id}/gift", "public_id", "gift_order"),
    ("api/v1/orders/{order_id}/gift", "order_id", "gift_order"),
    ("admin/api/main/documents/", "pk", "paper"),
    ("api/v1/staff/adjustments/", "proposal_id", "adjustment"),
    ("api/v1/content/redirect/", "path", "old_path"),
    ("staff/refunds/proposals/", "pk", "proposal"),
    ("admin/editing-sessions/", "object_id", "page"),
    ("admin/editing-sessions/", "session_id", "editing"),
    ("api/v1/content/by-path/", "path", "page_path"),
    ("orders/{public_id}/gift", "public_id", "gift_order"),
    ("admin/api/main/images/", "pk", "image"),
    ("api/v1/redirects/find/", "html_path", "old_path"),
    ("api/v1/staff/accounts/", "role", "account_role"),
    ("admin/api/main/pages/", "pk", "page"),
    ("admin/pages/workflow/", "page_id", "page_in_workflow"),
    ("api/v1/staff/journal/", "entry_id", "entry_of_journal"),
    ("staff/transactions/", "pk", "transaction"),
    ("admin/collections/", "collection_id", "collection"),
    ("admin/collections/", "pk", "collection"),
    ("admin/searchpicks/", "query_id", "searched"),
    ("api/v1/pages/find/", "html_path", "page_path"),
    ("staff/adjustments/", "pk", "adjustment"),
    ("api/v1/documents/", "document_id", "paper"),
    ("staff/bank/lines/", "pk", "bank_line"),
    ("staff/mismatches/", "pk", "mismatch"),
    ("staff/invariants/", "code", "invariant"),
    ("admin/documents/", "pk", "paper"),
    ("admin/documents/", "document_id", "paper"),
    ("admin/documents/", "doc_id", "paper"),
    ("admin/documents/", "uploaded_file_id", "uploaded_paper"),
    ("api/v1/snippets/", "pk", "mail_text"),
    ("staff/calendars/", "pk", "calendar"),
    ("staff/documents/", "pk", "document"),
    ("staff/bookings/", "public_id", "booking"),
    ("staff/accounts/", "role", "account_role"),
    ("account/mails/", "token", "mails"),
    ("staff/runners/", "public_id", "runner"),
    ("staff/periods/", "pk", "period"),
    ("staff/journal/", "pk", "entry_of_journal"),
    ("staff/charges/", "pk", "charge"),
    ("staff/reports/", "code", "report"),
    ("account/races/", "public_id", "race"),
    ("admin/images/", "pk", "image"),
    ("admin/import/", "public_id", "waiting_import"),
    ("admin/images/", "uploaded_file_id", "uploaded_image"),
    ("staff/orders/", "public_id", "order"),
    ("staff/merges/", "public_id", "merge"),
    ("staff/blocks/", "pk", "block"),
    ("admin/forms/", "page_id", "form_page"),
    ("admin/pages/", "pk", "page"),
    ("staff/notes/", "public_id", "note"),
    ("staff/lots/", "public_id", "lot"),
    ("calendars/", "token", "feed"),
    ("bookings/", "public_id", "booking"),
    ("waitlist/", "public_id", "entry"),
    ("packages/", "code", "package"),
    ("session/", "token", "link"),
    ("offers/", "token", "offer"),
    ("orders/", "public_id", "order"),
    ("series/", "public_id", "series"),
    ("forms/", "page_id", "form_page"),
    ("gifts/", "public_id", "gift"),
    ("book/", "public_id", "hold"),
    ("book/", "variant_code", "variant"),
    ("", "form_id", "form_page"),
    ("", "image_id", "image"),
    ("", "redirect_id", "redirect"),
    ("", "revision_id", "revision"),
    ("", "revision_id_a", "revision"),
    ("", "revision_id_b", "revision_after"),
    ("", "parent_page_id", "parent_page"),
    ("", "page_to_move_id", "page"),
    ("", "destination_id", "shut_page"),
    ("", "workflow_state_id", "workflow_state"),
    ("", "task_state_id", "task_state"),
    ("", "task_id", "task"),
    ("", "gift_id", "gift"),
    ("", "race_id", "race"),
    ("", "webhook_id", "endpoint"),
    ("", "booking_id", "booking"),
    ("", "runner_id", "runner"),
    ("", "client_id", "runner"),
    ("", "note_id", "note"),
    ("", "merge_id", "merge"),
    ("", "lot_id", "lot"),
    ("", "order_id", "order"),
    ("", "hold_id", "hold"),
    ("", "series_id", "series"),
    ("", "entry_id", "entry"),
    ("", "calendar_id", "calendar"),
    ("", "block_id", "block"),
    ("", "line_id", "bank_line"),
    ("", "document_id", "document"),
    ("", "proposal_id", "proposal"),
    ("", "mismatch_id", "mismatch"),
    ("", "dispute_id", "dispute"),
    ("", "refund_id", "refund"),
    ("", "payout_id", "payout"),
    ("", "event_id", "event"),
    ("", "page_id", "page"),
    ("", "site_id", "site"),
    ("", "locale_id", "locale"),
    ("", "delivery_id", "delivery"),
    ("", "package", "package"),
)
# What belongs to a runner or a therapist. Of all else everybody asks for the same.
OWNED = frozenset(
    {
        "booking",
        "calendar",
        "device",
        "entry",
        "gift_order",
        "hold",
        "lot",
        "note",
        "order",
        "race",
        "runner",
        "series",
    }
)
# What is no thing but a word: as NAMED.
WORDS = (
    ("", "public_id", str(NOBODY)),
    ("", "token", "none"),
    ("", "slug", "none"),
    ("staff/", "name", "payouts"),  # of a table
    ("api/v1/staff/", "name", "payouts"),
    ("{path}.md", "path", "about"),
    ("", "name", "none"),
    ("", "kind", "csv"),
    ("admin/workflows/tasks/", "app_label", "wagtailcore"),
    ("admin/workflows/tasks/", "model_name", "groupapprovaltask"),
    ("admin/tag-autocomplete/", "app_name", "taggit"),
    ("admin/tag-autocomplete/", "model_name", "tag"),
    ("admin/bulk/", "app_label", "wagtailimages"),
    ("admin/bulk/", "model_name", "image"),
    ("admin/bulk/", "action", "delete"),
    ("admin/", "app_label", "cms"),
    ("admin/", "model_name", "standardpage"),
    ("admin/", "content_type_app_name", "cms"),
    ("admin/", "content_type_model_name", "standardpage"),
    ("admin/api/main/", "action_name", "unpublish"),
    ("admin/pages/workflow/", "action_name", "approve"),
    ("admin/images/", "filter_spec", "original"),
    ("api/v1/content/policies/", "code", "terms"),
    ("policies/", "code", "terms"),
    ("api/v1/content/offers/services/", "code", "sports"),
    ("api/v1/content/offers/packages/", "code", "five"),
    ("", "type_name", "cms.StandardPage"),
    ("api/v1/pages/", "type", "cms.StandardPage"),
    ("", "type", "cms.MailText"),
    ("", "client", "app"),
)
# What an address cannot be asked without, beside what it names.
QUERIES = {
    "staff/transactions/": "of=taken",
    "staff/transactions.csv": "of=taken",
    "staff/credits/": "what=sold",
    "staff/credits.csv": "what=sold",
    "admin/bulk/{app_label}/{model_name}/{action}/": "id={image}",
    "api/v1/pages/find/": "html_path={page_path}",
    "api/v1/redirects/find/": "html_path={old_path}",
    "admin/api/main/images/find/": "id={image}",
    "admin/api/main/documents/find/": "id={paper}",
    "admin/api/main/pages/find/": "id={page}",
    "book/{variant_code}/time/": "slot={slot}&therapist={therapist}&location={location}",
}
# What a form is sent with, where nothing is refused as unreadable.
FORMS = {
    "book/hold/": "variant={variant}&slot={slot}&therapist={therapist}&location={location}",
    "waitlist/": "variant={variant}&location={location}&therapist={therapist}&day={day}",
    "staff/till/": "person={cashier}&currency=GBP",
    "staff/bank/lines/{pk}/match/": "payout={payout}",
}
# What is sent beside what must be, for what is asked cannot be done with that alone.
MORE: dict[str, dict[str, Any]] = {
    "POST api/v1/redirects/": {"old_path": "/older", "redirect_link": "https://example.org/"},
    "POST api/v1/locales/": {"language_code": "de"},
    "POST api/v1/content/forms/{form_id}/": {
        "consent": True,
        "consent_seen": "{consent_seen}",
        "opened": "{opened}",
    },
    "PUT api/v1/locales/{locale_id}/": {"language_code": "de"},
}
TEXTS = {
    "uuid": str(NOBODY),
    "date": "2030-01-01",
    "date-time": "2030-01-01T10:00:00Z",
    "email": "somebody@example.org",
    "time": "10:00",
}


def kind_of(route: str, name: str) -> str:
    """What kind of thing is named so there; nothing if it is none of ours."""
    fits = (kind for begins, one, kind in NAMED if one == name and route.startswith(begins))
    return next(fits, "")


def word_for(route: str, name: str) -> str:
    """What stands there if it names no thing."""
    fits = (word for begins, one, word in WORDS if one == name and route.startswith(begins))
    return next(fits, "1")


def named_in(route: str, things: dict[str, Any]) -> dict[str, Any]:
    """The things by all names that they have there."""
    found = dict(things)
    for begins, name, kind in NAMED:
        if route.startswith(begins) and kind in things:
            found.setdefault(name, things[kind])
    for begins, name, word in WORDS:
        if route.startswith(begins):
            found.setdefault(name, word)
    return found

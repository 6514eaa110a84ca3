"""One API, one OpenAPI document: our routers beside Wagtail's on the same Ninja instance."""

from typing import Any

from ninja import NinjaAPI


def join_routers() -> None:
    """Add our routers to Wagtail's API. Called once, from the last app's ``ready``.

    Imported late: Wagtail's registry of API models is filled by its apps' own ``ready``.
    """
    from wagtail.api.v3.api import api

    from cms.api_tightening import tighten
    from portal.api.problems import speak_problems
    from portal.api.refusals import explain_refusals

    api.title = "Massage for Runners"
    api.version = "1.0.0"
    api.description = (
        "Content, free times, bookings, packages and credits. Sign in through /_allauth/ and"
        " send X-Session-Token; public content needs no token."
    )
    for prefix, router in _routers():
        api.add_router(prefix, router)
    speak_problems(api)
    explain_refusals(api)
    _mend_description(api)
    tighten(api)


def _routers() -> list[tuple[str, Any]]:
    import cms.api
    import cms.api_drafts
    import cms.api_policies
    import cms.webhooks.api
    import payments.api
    import payments.gift_api
    import portal.api.adjustments
    import portal.api.attribution
    import portal.api.audit
    import portal.api.bank
    import portal.api.books
    import portal.api.buying  # adds buying to the orders
    import portal.api.clients
    import portal.api.credits
    import portal.api.desk
    import portal.api.disputes
    import portal.api.exports
    import portal.api.gifts
    import portal.api.intake
    import portal.api.ledger
    import portal.api.mismatches
    import portal.api.papers
    import portal.api.privacy
    import portal.api.proof
    import portal.api.proving
    import portal.api.refunds
    import portal.api.running
    from scheduling.api import (
        bookings,
        feeds,
        places,
        rules,
        series,
        staff,
        staff_diary,
        staff_reports,
        times,
        waitlist,
    )

    return [
        ("/content/", cms.api.router),
        ("/content/", cms.api_drafts.router),
        ("/webhooks/", cms.webhooks.api.router),
        ("/content/policies/", cms.api_policies.router),
        ("/", payments.api.catalogue),
        ("/", places.router),
        ("/availability/", times.router),
        ("/holds/", bookings.holds),
        ("/bookings/", bookings.bookings),
        ("/bookings/", series.of_bookings),
        ("/series/", series.router),
        ("/waitlist/", waitlist.router),
        ("/me/", feeds.router),
        ("/me/", portal.api.privacy.mine),
        ("/me/", portal.api.proving.router),
        ("/me/", portal.api.intake.of_runner),
        ("/staff/", portal.api.intake.of_staff),
        ("/me/", portal.api.running.router),
        ("/orders/", payments.api.orders),
        ("/gifts/", payments.gift_api.router),
        ("/credits/", payments.api.credits),
        ("/staff/", staff.router),
        ("/staff/", rules.router),
        ("/staff/", staff_diary.router),
        ("/staff/", staff_reports.router),
        ("/staff/", portal.api.attribution.router),
        ("/staff/", portal.api.audit.router),
        ("/staff/", portal.api.books.router),
        ("/staff/", portal.api.proof.router),
        ("/staff/", portal.api.exports.router),
        ("/staff/", portal.api.mismatches.router),
        ("/staff/", portal.api.ledger.router),
        ("/staff/", portal.api.credits.router),
        ("/staff/", portal.api.clients.router),
        ("/staff/", portal.api.adjustments.router),
        ("/staff/", portal.api.gifts.router),
        ("/staff/", portal.api.desk.router),
        ("/staff/", portal.api.papers.router),
        ("/staff/", portal.api.privacy.staff),
        ("/staff/", portal.api.bank.router),
        ("/staff/", portal.api.refunds.router),
        ("/staff/", portal.api.disputes.router),
    ]


def _mend_description(api: NinjaAPI) -> None:
    """Wagtail names "anyone" as a security scheme that OpenAPI does not know; an empty one is.

    And neither it nor Ninja say which errors there are.
    """
    from portal.api.describing import describe_errors

    schema_of = api.get_openapi_schema

    def mended(*args: Any, **kwargs: Any) -> Any:
        schema = schema_of(*args, **kwargs)
        schema["components"].get("securitySchemes", {}).pop("AllowAnonymous", None)
        for operations in schema["paths"].values():
            for operation in operations.values():
                if "security" in operation:
                    operation["security"] = [
                        {} if "AllowAnonymous" in scheme else scheme
                        for scheme in operation["security"]
                    ]
        describe_errors(schema)
        return schema

    api.get_openapi_schema = mended  # type: ignore[method-assign]

"""Version 1 of the API: its addresses, each with what it takes and answers."""

import time
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from kesto.api import (
    alerts,
    billing_schedule,
    catalogue,
    changes,
    clock,
    credit_grants,
    credit_notes,
    customers,
    dead_letters,
    deliveries,
    drafts,
    entitlements,
    events,
    invoices,
    migrations,
    payments,
    price_series,
    run_approvals,
    selling,
    subscriptions,
)
from kesto.api.bodies import Written, decoded
from kesto.api.commands import command_schemas
from kesto.api.errors import Strict, answer_problems
from kesto.api.faults import FAULTS
from kesto.api.keys import Bearer, holder, now_of
from kesto.api.problems import CONTENT_TYPE, Problem
from kesto.api.schema import Schema
from kesto.api.shapes import shape_schemas
from kesto.calculate import calculate as answer_of
from kesto.core.api_keys import VERSIONS
from kesto.store import merchants
from kesto.store.session import reading

ANSWER_BYTES = 16_000_000
MOST_REQUESTS = 1_000
MOST_SECONDS = 10

ROUTERS = (
    customers.router,
    catalogue.router,
    migrations.router,
    selling.router,
    price_series.router,
    subscriptions.router,
    changes.router,
    deliveries.router,
    entitlements.router,
    events.router,
    dead_letters.router,
    alerts.router,
    drafts.router,
    invoices.router,
    credit_notes.router,
    credit_grants.router,
    payments.router,
    billing_schedule.router,
    run_approvals.router,
    clock.router,
)
ASKED = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "maxItems": MOST_REQUESTS,
                    "items": {},
                    "description": "Requests as `kesto calc` takes them, each an object; what"
                    " is none is answered by an `error` in its place.",
                }
            }
        },
    }
}


class Merchant(Schema):
    """Whose key it is. `clock_at` is a test merchant's own clock, `now` what time it is there.

    What falls due is invoiced `grace_days` later; until then it is a draft.
    """

    code: str
    name: str
    mode: Literal["live", "test"]
    currency: str | None
    clock_at: datetime | None
    now: datetime
    grace_days: int


class Described(NinjaAPI):
    """The framework's API, whose description says that problems are problems."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The description in OpenAPI 3.1."""
        schema = super().get_openapi_schema(**options)
        schema["components"]["schemas"].update(command_schemas() | shape_schemas())
        for methods in schema["paths"].values():
            for operation in methods.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= HTTPStatus.BAD_REQUEST:
                        answer["content"] = {CONTENT_TYPE: answer["content"]["application/json"]}
        return schema


api = Described(
    title="Kesto",
    version="1",
    description=f"The JSON API of Kesto, version {VERSIONS[-1]}. Amounts are decimal strings.",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
    parser=Strict(),
    renderer=Written(),
)
answer_problems(api)
for router in ROUTERS:
    api.add_router("", router)


@api.post(
    "/calculate",
    operation_id="calculate",
    auth=Bearer("calculate"),
    response={200: list[dict[str, Any]], **FAULTS},
    openapi_extra=ASKED,
    summary="Compute prices, periods, shares, invoices and references",
)
def calculate(request: HttpRequest) -> HttpResponse:
    """Answer each request as `kesto calc` does; one that can't be computed answers `error`."""
    begun = time.monotonic()
    answers: list[bytes] = []
    size = 0
    for place, one in enumerate(asked_of(request)):
        answers.append(msgspec.json.encode(answer_of(one)))
        size += len(answers[-1])
        if size > ANSWER_BYTES or time.monotonic() - begun > MOST_SECONDS:
            detail = f"This is too much at once: ask for fewer than the first {place + 1}."
            raise Problem(422, "too_much", detail, field="body")
    return HttpResponse(b"[" + b",".join(answers) + b"]", content_type="application/json")


@api.get(
    "/merchant",
    operation_id="merchant",
    auth=Bearer("read"),
    response={200: Merchant, **FAULTS},
    summary="Say whose key it is",
)
def merchant(request: HttpRequest) -> Merchant:
    """The merchant of the key, its currency and what time it is there."""
    with reading(holder(request).merchant_id) as session:
        found = merchants.merchant(session)
        entities = merchants.billing_entities(session)
    return Merchant(
        code=found.code,
        name=found.name,
        mode=found.mode,
        currency=entities[0].currency if entities else None,
        clock_at=found.clock_at,
        now=now_of(found),
        grace_days=found.grace_days,
    )


def asked_of(request: HttpRequest) -> list[Any]:
    """The requests in a body, each read as `kesto calc` reads a line. Raises Problem."""
    asked = decoded(request)
    if not isinstance(asked, list):
        raise Problem(400, "not_a_list", "The body must be a JSON array.", field="body")
    if len(asked) > MOST_REQUESTS:
        detail = f"At most {MOST_REQUESTS} requests are answered at once."
        raise Problem(400, "too_many", detail, field="body")
    return asked

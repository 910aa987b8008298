"""Version 1 of the API: its addresses, each with what it takes and answers."""

import time
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema

from kesto.api.keys import Bearer, holder, real_now
from kesto.api.middleware import VERSION
from kesto.api.problems import CONTENT_TYPE, Problem, of_refusal, problem_answer
from kesto.calculate import calculate as answer_of
from kesto.core.refusals import Refused
from kesto.store import merchants
from kesto.store.session import reading

BODY_BYTES = 2_000_000
ANSWER_BYTES = 16_000_000
MOST_REQUESTS = 1_000
MOST_SECONDS = 10

ASKED = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "maxItems": MOST_REQUESTS,
                    "items": {"type": "object"},
                    "description": "Requests as `kesto calc` takes them, one a line.",
                }
            }
        },
    }
}


class Merchant(Schema):
    """Whose key it is. `clock_at` is a test merchant's own clock, `now` what time it is there."""

    code: str
    name: str
    mode: Literal["live", "test"]
    currency: str | None
    clock_at: datetime | None
    now: datetime


class Fault(Schema):
    """A problem by RFC 9457; `code` is stable and for programs."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    field: str = ""


class Described(NinjaAPI):
    """The framework's API, whose description says that problems are problems."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The description in OpenAPI 3.1."""
        schema = super().get_openapi_schema(**options)
        for methods in schema["paths"].values():
            for operation in methods.values():
                for status, answer in operation["responses"].items():
                    if status != HTTPStatus.OK:
                        answer["content"] = {CONTENT_TYPE: answer["content"]["application/json"]}
        return schema


api = Described(
    title="Kesto",
    version="1",
    description=f"The JSON API of Kesto, version {VERSION}. Amounts are decimal strings.",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
)
FAULTS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 413, 422, 429), Fault)


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
        now=found.clock_at or real_now(),
    )


def asked_of(request: HttpRequest) -> list[Any]:
    """The requests in a body, each read as `kesto calc` reads a line. Raises Problem."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise _too_long() from None
    if len(body) > BODY_BYTES:
        raise _too_long()
    try:
        asked = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as refused:
        raise Problem(400, "bad_json", f"The body is no JSON: {refused}", field="body") from None
    if not isinstance(asked, list):
        raise Problem(400, "not_a_list", "The body must be a JSON array.", field="body")
    if len(asked) > MOST_REQUESTS:
        detail = f"At most {MOST_REQUESTS} requests are answered at once."
        raise Problem(400, "too_many", detail, field="body")
    return asked


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_answer(request, problem)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return problem_answer(request, of_refusal(refusal))


def _too_long() -> Problem:
    detail = f"A body may have at most {BODY_BYTES} bytes."
    return Problem(413, "too_long", detail, field="body")

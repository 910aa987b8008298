"""What goes wrong, said as RFC 9457 wants it: `application/problem+json` with a stable `code`."""

import re
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from django.http import HttpRequest, HttpResponse

from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused

CONTENT_TYPE = "application/problem+json"
REQUEST_ID = "KESTO_REQUEST_ID"
NOTHING: Mapping[str, str] = {}
STATUSES: Mapping[type[Refused], int] = {
    Invalid: 400,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
}


class Problem(Exception):  # noqa: N818 - the name that the standard gives it
    """A request that is answered with a problem; the text is one sentence for a person."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        field: str = "",
        headers: Mapping[str, str] = NOTHING,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.headers = headers


def problem_body(problem: Problem, request_id: str) -> bytes:
    """A problem as the standard writes it."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": request_id,
    }
    if problem.field:
        body["field"] = problem.field
    return msgspec.json.encode(body)


def problem_answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Write a problem as an answer."""
    return HttpResponse(
        problem_body(problem, request.META.get(REQUEST_ID, "")),
        content_type=CONTENT_TYPE,
        status=problem.status,
        headers={**problem.headers},
    )


def of_refusal(refusal: Refused) -> Problem:
    """A refusal as a problem."""
    status = next((STATUSES[kind] for kind in STATUSES if isinstance(refusal, kind)), 400)
    return Problem(status, refusal.code, refusal.detail, field=refusal.field)


def of_status(status: int) -> Problem:
    """What an answer without words of its own says."""
    phrase = HTTPStatus(status).phrase
    code = re.sub(r"\W+", "_", phrase.lower())
    return Problem(status, code, DETAILS.get(status, f"{phrase}."))


DETAILS = {
    400: "The request can't be read.",
    404: "There is nothing at this address; /v1/openapi.json says what there is.",
    405: "This address does not take this method; /v1/openapi.json says which it takes.",
    500: "This is a fault of Kesto's, not of the request; the log has its trace.",
}

"""`Idempotency-Key`: a request that is sent again is done once and answered byte for byte."""

import hashlib
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from msgspec import Struct

from kesto.api.bodies import JSON, written
from kesto.api.keys import holder, real_now, version_of
from kesto.api.limits import limiter
from kesto.api.problems import CONTENT_TYPE, Problem, of_refusal, problem_answer
from kesto.api.schema import Schema
from kesto.core.refusals import Invalid, NotFound
from kesto.flows.answer_once import AnswerErased, InFlight, KeyReused, answer_once
from kesto.store.idempotency import Answer, Asked
from kesto.store.session import Session

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
PAGE = "docs/api/README.md#sending-again"
KEPT = (Invalid, NotFound)
"""Refusals of the work itself: they are the answer, as a success would be."""

_BARE = re.compile(r"[\x21\x23-\x7e][\x21-\x7e]{0,254}")
_QUOTED = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"')

Described = dict[str, Any]
REQUIRED: Described = {
    "parameters": [
        {
            "in": "header",
            "name": HEADER,
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            "description": "A new key for each new request, the same when it is sent again.",
        }
    ]
}
OPTIONAL: Described = {"parameters": [{**REQUIRED["parameters"][0], "required": False}]}


class Made(Struct, frozen=True):
    """What work has made, and its id."""

    status: int
    shown: Schema
    resource_id: UUID


def once(
    request: HttpRequest,
    work: Callable[[Session], Made],
    *,
    is_required: bool = True,
) -> HttpResponse:
    """Do the work of a request under its key, or give the answer that it was given before."""
    asked = _asked(request, is_required=is_required)
    who = holder(request)

    def answered(session: Session) -> Answer:
        try:
            made = work(session)
        except KEPT as refusal:
            problem = problem_answer(request, of_refusal(refusal))
            headers = {"Content-Type": CONTENT_TYPE}
            return Answer(problem.status_code, headers, problem.content)
        headers = {"Content-Type": JSON}
        return Answer(made.status, headers, written(made.shown.model_dump()), made.resource_id)

    try:
        answer, is_replayed = answer_once(who.merchant_id, asked, answered, real_now())
    except InFlight as busy:
        raise Problem(
            *(409, "in_flight", f"{busy.detail}."), field=HEADER, headers={"Retry-After": "1"}
        ) from None
    except KeyReused as reused:
        raise Problem(422, "key_reused", f"{reused.detail}.", field=HEADER) from None
    except AnswerErased as erased:
        raise Problem(409, "answer_erased", f"{erased.detail}.", field=HEADER) from None
    response = HttpResponse(answer.body, status=answer.status, headers={**answer.headers})
    if is_replayed:
        response[REPLAYED] = "true"
        limiter.give_back(who.key_id)
    return response


def key_in(text: str) -> str:
    """The key in a header: quoted as the draft standard has it, or bare. Raises Problem."""
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        return re.sub(r'\\(["\\])', r"\1", quoted.group(1))
    if _BARE.fullmatch(text) is None:
        detail = "A key has 1 to 255 visible ASCII characters, with or without quotes around it."
        raise Problem(400, "bad_idempotency_key", detail, field=HEADER)
    return text


def _asked(request: HttpRequest, *, is_required: bool) -> Asked | None:
    text = request.headers.get(HEADER)
    if text is None:
        if is_required:
            detail = f"Send a new {HEADER} with each new request: see {PAGE}."
            raise Problem(400, "idempotency_key_missing", detail, field=HEADER)
        return None
    key = key_in(text.strip())
    match = request.resolver_match
    route = match.route if match else request.path
    content = (
        *(request.method, request.path, request.META.get("QUERY_STRING", "")),
        *(version_of(request), msgspec.json.decode(request.body or b"null")),
    )
    fingerprint = hashlib.sha256(msgspec.json.encode(content, order="sorted")).digest()
    return Asked(f"{holder(request).key_id.hex} {request.method} {route}", key, fingerprint)

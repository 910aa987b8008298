"""Bodies: JSON, read strictly and of a bounded size, written in one way."""

from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja.renderers import BaseRenderer

from kesto.api.problems import Problem

BODY_BYTES = 2_000_000
JSON = "application/json; charset=utf-8"


class Written(BaseRenderer):
    """Answers as JSON: the same bytes for the same values, whichever way they go out."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002 - the framework's own signature
        """The bytes of an answer, whatever its status."""
        return written(data)


def written(data: Any) -> bytes:
    """An answer's values as JSON."""
    return msgspec.json.encode(data)


def decoded(request: HttpRequest) -> Any:
    """The JSON in a body. Raises Problem."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise too_long() from None
    return decoded_json(body)


def decoded_json(body: bytes) -> Any:
    """The JSON that bytes are. Raises Problem."""
    refuse_length(body)
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as refused:
        raise Problem(400, "bad_json", f"The body is no JSON: {refused}", field="body") from None


def refuse_body(request: HttpRequest) -> None:
    """Refuse a body where none is taken; `{}` says as little as nothing. Raises Problem."""
    if request.body and decoded(request) != {}:
        detail = "Nothing is taken here; leave the body out."
        raise Problem(400, "bad_value", detail, field="body")


def refuse_length(body: bytes) -> None:
    """Refuse a body that is too long to be read. Raises Problem."""
    if len(body) > BODY_BYTES:
        raise too_long()


def too_long() -> Problem:
    """What is said to who sends too much at once."""
    detail = f"A body may have at most {BODY_BYTES} bytes."
    return Problem(413, "too_long", detail, field="body")

"""Bodies: JSON of a bounded size, read strictly."""

from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from kesto.api.problems import Problem

BODY_BYTES = 2_000_000


def decoded(request: HttpRequest) -> Any:
    """The JSON in a body. Raises Problem."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise too_long() from None
    if len(body) > BODY_BYTES:
        raise too_long()
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as refused:
        raise Problem(400, "bad_json", f"The body is no JSON: {refused}", field="body") from None


def too_long() -> Problem:
    """What is said to who sends too much at once."""
    detail = f"A body may have at most {BODY_BYTES} bytes."
    return Problem(413, "too_long", detail, field="body")

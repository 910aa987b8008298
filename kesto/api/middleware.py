"""What every answer of the API carries, whoever made it: ids, the version, problems as JSON."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from kesto.api.entry import Answer
from kesto.api.keys import VERSION, version_of
from kesto.api.problems import CONTENT_TYPE, REQUEST_ID, Problem, of_status, problem_answer
from kesto.core.api_keys import VERSIONS
from kesto.store.ids import new_request_id

FIRST_ERROR = 400


class ApiAnswers:
    """Wraps what is below `/v1/`: a page that Django would show there becomes a problem."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        request.META[REQUEST_ID] = new_request_id()
        problem = unreadable(request.META)
        response = problem_answer(request, problem) if problem else self._answer(request)
        if response.status_code >= FIRST_ERROR and response["Content-Type"] != CONTENT_TYPE:
            bare = problem_answer(request, of_status(response.status_code))
            for name in ("Allow", "Retry-After"):
                if name in response:
                    bare[name] = response[name]
            response = bare
        response["Kesto-Request-Id"] = request.META[REQUEST_ID]
        response["Kesto-Version"] = version_of(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response


def unreadable(meta: dict[str, Any]) -> Problem | None:
    """What is wrong with a request whatever it asks for; notes the version that it names."""
    wanted = meta.get("HTTP_KESTO_VERSION")
    if wanted in VERSIONS:
        meta[VERSION] = wanted
    elif wanted is not None:
        detail = f"There is no such version; there are {', '.join(VERSIONS)}."
        return Problem(400, "unknown_version", detail, field="Kesto-Version")
    if "\0" in meta["PATH_INFO"]:
        return of_status(404)
    if not (meta.get("CONTENT_LENGTH") or "0").isdecimal():
        return of_status(400)
    query = meta.get("QUERY_STRING", "")
    if "%00" in query or "\0" in query:
        return Problem(400, "bad_characters", "No text of a request may have the character NUL.")
    return None

"""What every answer of the API carries, whoever made it: ids, the version, problems as JSON."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kesto.api.problems import CONTENT_TYPE, REQUEST_ID, Problem, of_status, problem_answer
from kesto.store.ids import new_id

Answer = Callable[[HttpRequest], HttpResponse]

ROOM = "/v1/"
VERSION = "2026-11-26"
FIRST_ERROR = 400
UNKNOWN_VERSION = Problem(
    *(400, "unknown_version", f"There is no such version; the only one is {VERSION}."),
    field="Kesto-Version",
)


class ApiAnswers:
    """Wraps all others: a page that Django would show below `/v1/` becomes a problem."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if not request.path_info.startswith(ROOM):
            return self._answer(request)
        request.META[REQUEST_ID] = f"req_{new_id().hex}"
        wanted = request.headers.get("Kesto-Version", VERSION)
        if wanted == VERSION:
            response = self._answer(request)
        else:
            response = problem_answer(request, UNKNOWN_VERSION)
        if response.status_code >= FIRST_ERROR and response["Content-Type"] != CONTENT_TYPE:
            bare = problem_answer(request, of_status(response.status_code))
            for name in ("Allow", "Retry-After"):
                if name in response:
                    bare[name] = response[name]
            response = bare
        response["Kesto-Request-Id"] = request.META[REQUEST_ID]
        response["Kesto-Version"] = VERSION
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response

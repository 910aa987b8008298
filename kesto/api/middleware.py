"""What every answer of the API carries, whoever made it: ids, the version, problems as JSON."""

from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from kesto.api.addresses import Addresses
from kesto.api.entry import ROOM, Answer
from kesto.api.errors import WAS_LOST
from kesto.api.keys import version_of
from kesto.api.problems import CONTENT_TYPE, REQUEST_ID, of_status, problem_answer
from kesto.api.unreadable import unreadable
from kesto.api.urls import urlpatterns
from kesto.store.ids import new_request_id

FIRST_ERROR = 400
ADDRESSES = Addresses(urlpatterns)


class ApiAnswers:
    """Answers what is below `/v1/`: a page that Django would show there becomes a problem.

    A request goes on by `API_MIDDLEWARE`: most of what pages need would be done for nobody here.
    """

    def __init__(self) -> None:
        answer: Any = convert_exception_to_response(_at_its_address)
        for name in reversed(settings.API_MIDDLEWARE):
            answer = convert_exception_to_response(import_string(name)(answer))
        self._answer: Answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        request.META[REQUEST_ID] = new_request_id()
        problem = unreadable(request.META)
        response = problem_answer(request, problem) if problem else self._answer(request)
        if response.status_code >= FIRST_ERROR and response["Content-Type"] != CONTENT_TYPE:
            bare = problem_answer(request, of_status(response.status_code))
            for name, value in response.items():
                bare.headers.setdefault(name, value)
            response = bare
        response["Kesto-Request-Id"] = request.META[REQUEST_ID]
        response["Kesto-Version"] = version_of(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response


def _at_its_address(request: HttpRequest) -> HttpResponse:
    request.get_host()  # raises for one that is not ours
    found = ADDRESSES.view(request.path_info.removeprefix(ROOM))
    if found is None:
        return problem_answer(request, of_status(404))
    view, names = found
    answer = view(request, **names)
    if request.method == "GET" and request.META.pop(WAS_LOST, False):
        # Maybe it was lost long before, and nobody has noticed: reading again does no harm.
        answer = view(request, **names)
    return answer

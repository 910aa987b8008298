"""Where a request comes to the API, or passes by; who passes by does not wait for its loading."""

from collections.abc import Callable
from importlib import import_module

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]

ROOM = "/v1/"


class ApiAnswers:
    """Hands what is below `/v1/` to the middleware of the API, loaded for the first of them."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response
        self._answer_of_api: Answer | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if not request.path_info.startswith(ROOM):
            return self._answer(request)
        if self._answer_of_api is None:
            # Not at the top: a process that is never asked by a program holds none of the API.
            module = import_module("kesto.api.middleware")
            self._answer_of_api = module.ApiAnswers()
        return self._answer_of_api(request)

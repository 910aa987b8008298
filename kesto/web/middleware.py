"""What every answer carries: a strict content policy, no caching of personal pages, a language."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.defaults import page_not_found

from kesto.core.refusals import Conflict, EventsAway, Invalid, NotAllowed, NotFound, Refused
from kesto.web.ui.language import activate, wanted_language
from kesto.web.ui.sessions import SessionStore, cookie_name, cookie_of, give_cookie

_log = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Personal pages are not kept; what may be kept says so itself.
    "Cache-Control": "no-store",
}

STATUSES: dict[type[Refused], int] = {Invalid: 400, NotAllowed: 403, Conflict: 409}


class Headers:
    """Put the security headers on every answer."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers that the view has not set itself."""
        response = self._answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class Language:
    """Speak the language of the browser until a page knows the person (`ui.language.speak`)."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in a language, and say in which."""
        timezone.deactivate()  # a thread serves one request after another
        activate(request, wanted_language(request))
        response = self._answer(request)
        response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response


class Refusals:
    """Turn a refusal into a page that says why, with the status that programs understand."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self._answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django asks here about what a view raised."""
        if isinstance(error, NotFound):
            return page_not_found(request, error)
        if isinstance(error, EventsAway):
            _log.warning("usage is away: %s", error)
            answer = render(request, "ui/away.html", status=503)
            answer["Retry-After"] = "60"
            return answer
        for kind, status in STATUSES.items():
            if isinstance(error, kind):
                return render(request, "ui/refused.html", {"refusal": error}, status=status)
        return None


class Sessions:
    """Give each request its session: staff's below `/office/`, the customer's elsewhere."""

    def __init__(self, get_response: Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then keep what changed and hand out, or take back, the cookie."""
        cookie = cookie_of(request.path_info)
        key = request.COOKIES.get(cookie_name(request, cookie))
        session = SessionStore(key, cookie)
        request.session = session
        response = self._answer(request)
        if session.modified and session.session_key:
            session.save()
        if (session.session_key or None) != (key or None):
            give_cookie(request, response, cookie, session.session_key)
        return response

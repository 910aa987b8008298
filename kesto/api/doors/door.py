"""A door: lets in by the key, does one thing, and answers as all of the API does."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from django.http import HttpRequest, HttpResponse
from msgspec import Struct

from kesto.api.bodies import JSON
from kesto.api.errors import problem_of
from kesto.api.key_cache import NotRemembered, holder_of, remembered
from kesto.api.keys import VERSION, Bearer, let_in
from kesto.api.limits import Limiter
from kesto.api.problems import CONTENT_TYPE, REQUEST_ID, Problem, of_status, problem_body
from kesto.api.unreadable import unreadable
from kesto.core.api_keys import VERSIONS, Scope
from kesto.store.api_keys import Holder
from kesto.store.ids import new_request_id
from kesto.store.session import LOST, forget_connections

TIMES = 200
"""A door takes so many times the requests that a key may make elsewhere."""

Answer = tuple[int, list[tuple[str, str]], bytes]
Tell = Callable[[Answer], None]
"""Is called once with the answer, maybe when others have done their part, by another thread."""

_log = logging.getLogger(__name__)
_limiter = Limiter(times=TIMES, number=1)


class Asked(Struct):
    """A request that was let in: whose key it has, where to, what WSGI tells of it, its body."""

    who: Holder
    path: str
    surroundings: dict[str, Any]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type of the body, in small letters and without its parameters."""
        named: str = self.surroundings.get("CONTENT_TYPE", "")
        return named.partition(";")[0].strip().lower()


class Told(Struct, frozen=True):
    """What is answered where it is not plain JSON with 200."""

    status: int
    body: bytes = b""


Answered = bytes | Told
Done = Callable[[Answered | Exception], None]
"""Is called once with what is answered, or with the trouble that kept it from being."""


class Door(Struct, frozen=True):
    """What is done for those whose key has one of the scopes.

    `work` says by `done` what is answered, now or later; it raises Problem or a refusal. A door is
    quick when its work waits for nothing itself.
    """

    scopes: tuple[Scope, ...]
    work: Callable[[Asked, Done], None]
    is_quick: bool = False

    def open(self, path: str, surroundings: dict[str, Any], body: bytes, tell: Tell) -> None:
        """Answer a request to a path."""
        self._open(path, surroundings, body, tell, holder_of)

    def open_at_once(
        self, path: str, surroundings: dict[str, Any], body: bytes, tell: Tell
    ) -> bool:
        """The same at a quick door; False, and nothing done, where the key has to be looked up."""
        try:
            self._open(path, surroundings, body, tell, remembered)
        except NotRemembered:
            return False
        return True

    def through(self, request: HttpRequest) -> HttpResponse:
        """Answer a request that came by way of Django."""
        coming: Future[Answer] = Future()
        self.open(request.path_info, request.META, request.body, coming.set_result)
        status, headers, body = coming.result()
        return HttpResponse(body, status=status, headers=dict(headers))

    def _open(
        self,
        path: str,
        surroundings: dict[str, Any],
        body: bytes,
        tell: Tell,
        look_up: Callable[[str], Holder | None],
    ) -> None:
        surroundings.setdefault(REQUEST_ID, new_request_id())

        def done(found: Answered | Exception) -> None:
            if isinstance(found, Exception):
                tell(_troubled(surroundings, found))
            else:
                tell(_answer(surroundings, found))

        try:
            who = _let_in(surroundings, self.scopes, look_up)
            self.work(Asked(who, path, surroundings, body), done)
        except NotRemembered:
            raise
        except Exception as trouble:  # noqa: BLE001 - an edge: every trouble becomes an answer
            done(trouble)


def looking(look: Callable[[Asked], Answered]) -> Callable[[Asked, Done], None]:
    """The work of a door that answers as soon as it has looked."""
    return lambda asked, done: done(look(asked))


class AtTheDoor(Bearer):
    """Describes which keys a door lets in; the door itself looks at them."""

    def __init__(self, door: Door) -> None:
        super().__init__(*door.scopes)

    def __call__(self, request: HttpRequest) -> bool:  # type: ignore[override]  # nobody's yet
        """Let everyone through to the door."""
        return request is not None


def _let_in(
    surroundings: dict[str, Any],
    scopes: tuple[Scope, ...],
    look_up: Callable[[str], Holder | None],
) -> Holder:
    problem = unreadable(surroundings)
    if problem is not None:
        raise problem
    return let_in(surroundings, scopes, look_up, _limiter)


def _answer(surroundings: dict[str, Any], found: Answered) -> Answer:
    if isinstance(found, bytes):
        return 200, _headers(surroundings, JSON), found
    return found.status, _headers(surroundings, JSON if found.body else ""), found.body


def _troubled(surroundings: dict[str, Any], trouble: Exception) -> Answer:
    problem = problem_of(trouble)
    if isinstance(trouble, LOST):
        forget_connections()
    if problem is None:
        _log.error("a door could not answer", exc_info=trouble)
        problem = of_status(500)
    return _refusal(surroundings, problem)


def _refusal(surroundings: dict[str, Any], problem: Problem) -> Answer:
    headers = [*_headers(surroundings, CONTENT_TYPE), *problem.headers.items()]
    return problem.status, headers, problem_body(problem, surroundings[REQUEST_ID])


def _headers(surroundings: dict[str, Any], content_type: str) -> list[tuple[str, str]]:
    typed = [("Content-Type", content_type)] if content_type else []
    return [
        *typed,
        ("Kesto-Request-Id", surroundings[REQUEST_ID]),
        ("Kesto-Version", surroundings.get(VERSION, VERSIONS[-1])),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]

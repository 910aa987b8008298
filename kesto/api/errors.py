"""Every way in which a request can go wrong, turned into a problem."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from kesto.api.bodies import decoded, too_long
from kesto.api.problems import Problem, of_refusal, of_status, problem_answer
from kesto.core.refusals import EventsAway, Refused
from kesto.store.session import CROSSED, LOST, forget_connections, was_crossed

_log = logging.getLogger(__name__)

CODES = {"missing": "missing", "extra_forbidden": "unknown_field"}
"""What the framework calls a fault -> our stable word; all others are `bad_value`."""

WAS_LOST = "KESTO_WAS_LOST"
"""Notes of a request that its connection to the database was lost."""

DISK_FULL = psycopg.errors.DiskFull

WRAPPERS = {"asked", "body", "given"}
"""Parameters that hold the fields of a query or a body: no name that a sender knows."""


class Strict(Parser):
    """Reads bodies as JSON should be: no NaN, no half characters, no endless depth."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The JSON in a body. Raises Problem."""
        return decoded(request)


def answer_problems(api: NinjaAPI) -> None:
    """Teach the framework's API to say everything that goes wrong as a problem."""
    answers: dict[type[Exception], Any] = {
        Problem: problem_answer,
        Refused: lambda request, refusal: problem_answer(request, of_refusal(refusal)),
        ValidationError: _invalid,
        HttpError: _unreadable,
        RequestDataTooBig: _too_long,
        psycopg.errors.UniqueViolation: _made_meanwhile,
        **dict.fromkeys(LOST, _away),
        **dict.fromkeys(CROSSED, _crossed),
        EventsAway: _events_away,
    }
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)


def problem_of(trouble: BaseException) -> Problem | None:
    """What went wrong at a door as a problem; None for a fault of our own."""
    if isinstance(trouble, Problem):
        return trouble
    if isinstance(trouble, Refused):
        return of_refusal(trouble)
    if isinstance(trouble, SuspiciousOperation):
        return of_status(400)
    if was_crossed(trouble):
        return crossed()
    return away(trouble) if isinstance(trouble, LOST) else None


def away(trouble: BaseException) -> Problem:
    """What is said when a database is away or has no space left; why, is for the operator's log."""
    if isinstance(trouble, EventsAway):
        _log.warning("usage is away: %s", trouble)
        detail = "Usage can't be read, or taken in, at this moment; send it again."
        return Problem(503, "usage_away", detail, headers={"Retry-After": "5"})
    if isinstance(trouble, DISK_FULL) or isinstance(trouble.__cause__, DISK_FULL):
        detail = "The database's disk is full; nothing was done, send it again when there is space."
        return Problem(507, "disk_full", detail, headers={"Retry-After": "5"})
    detail = "The database does not answer at this moment; send it again."
    return Problem(503, "database_away", detail, headers={"Retry-After": "1"})


def crossed() -> Problem:
    """What is said when others stood in the way."""
    detail = "Others changed the same at this moment; nothing was done, send it again."
    return Problem(409, "crossed", detail, headers={"Retry-After": "1"})


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem_answer(request, problem_of_errors(error.errors))


def problem_of_errors(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """What the framework found wrong with the shape of a request, as a problem."""
    first, *rest = errors
    where = [place for place in first["loc"][1:] if place not in WRAPPERS]
    path = "".join(f"[{place}]" if isinstance(place, int) else f".{place}" for place in where)
    field = path.lstrip(".")[:200] or "body"
    more = f" And {len(rest)} more." if rest else ""
    detail = f"{field}: {first['msg']}.{more}"
    code = CODES.get(first["type"], "bad_value")
    return Problem(400, code, detail, field=field)


def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    cause = error.__cause__
    problem = cause if isinstance(cause, Problem) else of_status(error.status_code)
    return problem_answer(request, problem)


def _too_long(request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problem_answer(request, too_long())


def _made_meanwhile(request: HttpRequest, _error: psycopg.errors.UniqueViolation) -> HttpResponse:
    detail = "Something of this name was made at the same moment; look at what is there."
    return problem_answer(request, Problem(409, "made_meanwhile", detail))


def _events_away(request: HttpRequest, trouble: EventsAway) -> HttpResponse:
    return problem_answer(request, away(trouble))


def _away(request: HttpRequest, error: Exception) -> HttpResponse:
    if was_crossed(error):
        return problem_answer(request, crossed())
    forget_connections()
    request.META[WAS_LOST] = True
    return problem_answer(request, away(error))


def _crossed(request: HttpRequest, _error: psycopg.Error) -> HttpResponse:
    return problem_answer(request, crossed())

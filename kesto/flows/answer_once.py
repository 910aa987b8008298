"""Answer once: work that is asked for under a key is done once, however often it is asked for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from kesto.core.refusals import Conflict
from kesto.store import idempotency
from kesto.store.idempotency import Answer, Asked
from kesto.store.session import Session, crash_point, writing

KEPT_FOR = timedelta(days=30)
"""Longer than a bank's or a reminder's cycle: who sends again so late still pays once."""

Work = Callable[[Session], Answer]


class InFlight(Conflict):
    """The same key is being worked on at this moment."""

    default_code = "in_flight"


class KeyReused(Conflict):
    """The key was used for something else."""

    default_code = "key_reused"


class AnswerErased(Conflict):
    """The key was used, and its answer was erased together with whom it was about."""

    default_code = "answer_erased"


def answer_once(
    merchant_id: UUID, asked: Asked | None, work: Work, now: datetime
) -> tuple[Answer, bool]:
    """Do the work and keep its answer; answers it, and whether it was kept from an earlier time.

    The flows that the work calls join this transaction: what they do, the key and the answer are
    committed together or not at all. Without a key the work is simply done. Raises InFlight at
    once while another process works under the key, KeyReused when it was used for another request,
    AnswerErased when nothing is left of its answer.
    """
    with writing(merchant_id) as session:
        if asked is not None:
            if not idempotency.hold(session, asked):
                raise InFlight("a request with this key is being answered; send it again soon")
            kept = idempotency.kept(session, asked, now - KEPT_FOR)
            if kept is not None:
                return _same(kept, asked), True
        answer = work(session)
        crash_point("answer_once.after_work")
        if asked is not None:
            idempotency.keep(session, asked, answer, now)
        crash_point("answer_once.before_commit")
    crash_point("answer_once.after_commit")
    return answer, False


def _same(kept: idempotency.Kept, asked: Asked) -> Answer:
    if kept.answer is None:
        raise AnswerErased(
            "this was done before, and the answer was erased with the customer; look at what"
            " is there"
        )
    if kept.fingerprint != asked.fingerprint:
        raise KeyReused("this key was used for another request; take a new key for a new request")
    return kept.answer

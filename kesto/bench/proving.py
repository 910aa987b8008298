"""The proof at the end of a run: `kesto verify`, by two processes that take a share each."""

import gc
from functools import partial
from uuid import UUID

from kesto.bench import crew
from kesto.bench.ground import Ground
from kesto.verify import Share, verify


def prove(ground: Ground, database: str, merchant_id: UUID) -> None:
    """Raise AssertionError unless verify finds nothing in a database."""
    shares = [(merchant_id, Share(n, crew.PROCESSES)) for n in range(crew.PROCESSES)]
    crew.work(partial(ground.boot, database), _prove, lambda: shares)


def _prove(share: tuple[UUID, Share]) -> None:
    # Each chunk is let go of when it is done: searching all that is there for cycles finds none.
    gc.disable()
    findings = verify(share[0], share=share[1])
    if findings:
        raise AssertionError(f"{len(findings)} findings, such as {findings[0]}")

"""The audit log: its chain of hashes is computed again from the first entry to the head."""

from collections.abc import Iterator

from kesto.store import proof
from kesto.store.audit import link_hash
from kesto.store.session import Session
from kesto.verify.finding import Finding, Invariant, finding

A1 = Invariant(
    "A1",
    "The audit log's chain of hashes is whole, from its first entry to its head.",
)


def check_audit(session: Session) -> Iterator[Finding]:
    """The first entry that doesn't follow from the one before it, and a head that is another."""
    seq, sha256 = 0, b""
    for number, recorded_at, actor, action, data, stored in proof.audit_entries(session):
        sha256 = link_hash(sha256, seq + 1, recorded_at, actor, action, data)
        if number != seq + 1 or sha256 != stored:
            yield finding(
                A1, entry=number, action=action, actor=actor, problem="not as it was recorded"
            )
            return
        seq = number
    if proof.audit_head(session) != (seq, sha256):
        problem = "the chain ends elsewhere than its head says"
        yield finding(A1, entry=seq, problem=problem)

"""What verify promises, and what it finds."""

from msgspec import Struct


class Invariant(Struct, frozen=True):
    """Something that always holds: a query that must return no row.

    The rows of the query are the evidence; `%(merchant)s` stands in it for the merchant. What no
    query can say has an empty one and is computed.
    """

    id: str
    sentence: str
    query: str = ""


class Finding(Struct, frozen=True):
    """An invariant that does not hold, and the evidence that says where."""

    invariant: str
    sentence: str
    evidence: dict[str, object]
    merchant: str = ""


def finding(invariant: Invariant, **evidence: object) -> Finding:
    """A finding with its evidence, given by name."""
    return Finding(invariant.id, invariant.sentence, evidence)

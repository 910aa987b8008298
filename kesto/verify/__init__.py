"""The proof: every invoice computed anew, and the invariants, each with its evidence.

`verify` looks at one merchant, `verify_all` at the whole installation; both only read, as
kesto_audit, and see one moment of the database. What each finding means stands in
docs/invariants.md.
"""

from kesto.verify.finding import Finding, Invariant
from kesto.verify.invariants import INVARIANTS
from kesto.verify.proof import Share, verify, verify_all

__all__ = ["INVARIANTS", "Finding", "Invariant", "Share", "verify", "verify_all"]

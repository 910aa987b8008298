"""Keys of the API: what they look like and what each may do."""

import re
from collections.abc import Sequence
from typing import Literal

from kesto.core.refusals import Invalid

Scope = Literal["calculate", "read", "usage", "write", "approve"]
SCOPES: tuple[Scope, ...] = ("calculate", "read", "usage", "write", "approve")
"""`calculate`: compute from what the request holds. `read`: see the merchant's own data.

`write`: change it; who shall look around too needs both. `approve`: decide on billing runs.
"""

USUAL_SCOPES: tuple[Scope, ...] = ("calculate", "read", "usage", "write")
"""What a key may do of which nothing else is said; to approve is asked for by name."""

VERSIONS = ("2026-11-26",)
"""The versions of the API, the newest last; a key goes on with the one that it was made with."""

KEY = re.compile(r"kesto_(?:test|live)_[0-9a-f]{64}")
SHOWN_LENGTH = len("kesto_test_") + 8


def key_of(mode: str, secret: str) -> str:
    """A key: whose it is can be guessed from its beginning, nothing from the rest."""
    return f"kesto_{mode}_{secret}"


def shown_prefix(key: str) -> str:
    """The beginning of a key, which people tell it by; 224 bits stay secret."""
    return key[:SHOWN_LENGTH]


def is_key(text: str) -> bool:
    """Whether a text has the shape of a key."""
    return KEY.fullmatch(text) is not None


def known_scopes(words: Sequence[str]) -> tuple[Scope, ...]:
    """The scopes by their words, each once. Raises Invalid."""
    for word in words:
        if word not in SCOPES:
            raise Invalid(
                f"{word!r} is no scope; choose of {', '.join(SCOPES)}",
                code="unknown_scope",
                field="scopes",
            )
    if not words:
        raise Invalid(f"choose of {', '.join(SCOPES)}", code="missing", field="scopes")
    return tuple(scope for scope in SCOPES if scope in words)

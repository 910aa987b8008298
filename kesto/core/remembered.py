"""What was computed once and is asked for again and again."""

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

MOST = 32_768


class Remembered(dict[Key, Value]):
    """The results of a pure function, by its argument: `found[argument]` computes what is missing.

    When it is full it forgets all, so that a long run needs no more memory than a short one. For
    results by the thousand it is quicker than `lru_cache`, which keeps a list in order of use.
    """

    def __init__(self, compute: Callable[[Key], Value], most: int = MOST) -> None:
        super().__init__()
        self.compute = compute
        self.most = most

    def __missing__(self, key: Key) -> Value:
        """Compute a result and keep it."""
        if len(self) >= self.most:
            self.clear()
        found = self[key] = self.compute(key)
        return found

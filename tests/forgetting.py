"""Each test computes anew: what the core remembers of pure functions is forgotten before it.

The mutation run takes this into its conftest. A changed function whose results were remembered
before it was changed would be called right.
"""

import sys

from kesto.core.remembered import Remembered


def pytest_runtest_setup() -> None:
    """Empty every memory that a module of the core holds."""
    for name, module in list(sys.modules.items()):
        if name.startswith("kesto.core."):
            for value in vars(module).values():
                if isinstance(value, Remembered):
                    value.clear()
                elif hasattr(value, "cache_clear"):
                    value.cache_clear()

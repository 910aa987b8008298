"""For every test, beside the code and in tests/: no verdict hangs on how fast the machine is."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "kesto",
    deadline=None,
    derandomize="CI" in os.environ,
    max_examples=int(os.environ.get("KESTO_EXAMPLES", "100")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kesto")

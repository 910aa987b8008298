"""What tests of how Kesto runs share."""

import os

import psutil
import pytest
from django.db import connections

from kesto.ops.home import Home


@pytest.fixture
def backends_may_be_changed(booted: Home) -> None:
    """Skip where the database runs as another user whose processes we may not touch.

    So it is for root in a container without the right to do so (CAP_SYS_NICE).
    """
    assert booted
    with connections["default"].cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])
    try:
        backend.nice(backend.nice())
    except psutil.AccessDenied:
        hint = "this system does not let us say where the database's processes run"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(hint)

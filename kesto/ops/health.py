"""Is it alive, is it ready: the answers for whoever restarts or routes."""

import time
from datetime import datetime

from django.db import DatabaseError, connections
from django.http import HttpRequest, JsonResponse

from kesto.ops import disk
from kesto.ops.home import Home, real_home
from kesto.store.fresh import missing_migrations

HEARTBEAT_SECONDS = 30.0
CLOCK_SKEW_SECONDS = 2.0
FINE = "ok"


def readyz(_request: HttpRequest) -> JsonResponse:
    """Ready when the database answers and is current, the disk has room and a worker lives."""
    place = real_home()
    checks = {**_database_checks(), "disk": _disk(place), "worker": _worker(place)}
    is_ready = all(found == FINE for found in checks.values())
    return JsonResponse({"is_ready": is_ready, "checks": checks}, status=200 if is_ready else 503)


def startupz(_request: HttpRequest) -> JsonResponse:
    """Started when the database answers and its tables are current."""
    checks = _database_checks()
    is_ready = all(found == FINE for found in checks.values())
    return JsonResponse({"is_ready": is_ready, "checks": checks}, status=200 if is_ready else 503)


def beat(place: Home) -> None:
    """Say that a worker is alive."""
    (place.run / "worker.beat").touch()


def _database_checks() -> dict[str, str]:
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("select now()")
            (now,) = cursor.fetchone() or (datetime.fromtimestamp(0).astimezone(),)
        skew = abs(now.timestamp() - time.time())
        missing = missing_migrations("default")
    except DatabaseError:
        return {"database": "does not answer"}
    return {
        "database": FINE,
        "migrations": f"missing: {', '.join(missing)}" if missing else FINE,
        "clock": FINE if skew < CLOCK_SKEW_SECONDS else f"{skew:.0f} s apart from the database",
    }


def _disk(place: Home) -> str:
    return "nearly full" if disk.is_low(place) else FINE


def _worker(place: Home) -> str:
    try:
        age = time.time() - (place.run / "worker.beat").stat().st_mtime
    except FileNotFoundError:
        return "none has started"
    return FINE if age < HEARTBEAT_SECONDS else f"silent for {age:.0f} s"

"""What no request may have, whatever it asks for and whoever answers it."""

from typing import Any

from kesto.api.keys import VERSION
from kesto.api.problems import Problem, of_status
from kesto.core.api_keys import VERSIONS


def unreadable(meta: dict[str, Any]) -> Problem | None:
    """What is wrong with a request whatever it asks for; notes the version that it names."""
    wanted = meta.get("HTTP_KESTO_VERSION")
    if wanted in VERSIONS:
        meta[VERSION] = wanted
    elif wanted is not None:
        detail = f"There is no such version; there are {', '.join(VERSIONS)}."
        return Problem(400, "unknown_version", detail, field="Kesto-Version")
    if "\0" in meta["PATH_INFO"]:
        return of_status(404)
    if not (meta.get("CONTENT_LENGTH") or "0").isdecimal():
        return of_status(400)
    query = meta.get("QUERY_STRING", "")
    if "%00" in query or "\0" in query:
        return Problem(400, "bad_characters", "No text of a request may have the character NUL.")
    return None

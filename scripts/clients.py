"""Send events by the published clients of CloudEvents and OpenMeter: `make clients`.

They are used as their packages bring them, with nothing changed but the address and the key; then
the API is asked what was kept. Fails when anything is refused, lost, or counted twice.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from cloudevents.conversion import to_binary, to_json, to_structured
from cloudevents.http import CloudEvent
from corehttp.exceptions import HttpResponseError
from openmeter import Client
from openmeter.models import Event

from scripts.fuzz import home

ROOT = Path(__file__).resolve().parent.parent
AT = datetime(2026, 10, 9, 12, tzinfo=UTC)
READY_SECONDS = 60.0
KEPT, REFUSED = 200, 400


def main() -> None:
    """Serve, send, look."""
    with home() as surroundings:
        command = [sys.executable, "-m", "tests.clients.served"]
        with subprocess.Popen(
            command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None  # noqa: S101 - for the type checker
            facts = json.loads(process.stdout.readline())
            try:
                address = f"http://127.0.0.1:{surroundings['KESTO_PORT']}"
                wait_for(address)
                expected = {**by_openmeter(address, facts), **by_cloudevents(address, facts)}
                look(address, facts, expected)
            finally:
                process.terminate()
    print(f"{len(expected)} events by the clients of OpenMeter and CloudEvents: all kept, once")


def by_openmeter(address: str, facts: Mapping[str, str]) -> dict[str, str]:
    """What the client of OpenMeter sends: one event, then several, then one that is refused."""
    client = Client(endpoint=address, token=facts["key"])
    single, several = _event("om-1", "1"), [_event(f"om-{number}", "2") for number in (2, 3)]
    client.events.ingest_event(single)
    client.events.ingest_event(single)
    client.events.ingest_events(several)
    client.events.ingest_events_json([_event("om-4", "3")])
    try:
        client.events.ingest_event(_event("om-5", "1", subject="nobody"))
    except HttpResponseError as refused:
        if refused.status_code != REFUSED:
            sys.exit(f"clients: an unknown customer is answered {refused.status_code}")
    else:
        sys.exit("clients: an unknown customer is not refused")
    return {"om-1": "1", "om-2": "2", "om-3": "2", "om-4": "3"}


def by_cloudevents(address: str, facts: Mapping[str, str]) -> dict[str, str]:
    """What the helpers of CloudEvents make: structured, binary and a batch; all are sent twice."""
    said = {"source": "shop", "type": "talk", "subject": "aino", "time": AT.isoformat()}
    first, second, third = (
        CloudEvent({**said, "id": own}, {"value": value})
        for own, value in (("ce-1", "1.5"), ("ce-2", 2), ("ce-3", "4"))
    )
    batch = f"[{to_json(third).decode()}]".encode()
    sent = [
        *(to_structured(first), to_binary(second)),
        ({"content-type": "application/cloudevents-batch+json"}, batch),
    ]
    for _ in range(2):
        for headers, body in sent:
            keyed = {**headers, "authorization": f"Bearer {facts['key']}"}
            answer = requests.post(f"{address}/v1/events", body, headers=keyed, timeout=30)
            if answer.status_code != KEPT or answer.json()["rejected"]:
                sys.exit(f"clients: {headers} is answered {answer.status_code}: {answer.text}")
    return {"ce-1": "1.5", "ce-2": "2", "ce-3": "4"}


def look(address: str, facts: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """Compare what was kept with what was sent."""
    answer = requests.get(
        f"{address}/v1/events",
        {"subscription": facts["subscription"], "limit": "100"},
        headers={"authorization": f"Bearer {facts['key']}"},
        timeout=30,
    )
    kept = [(one["id"], one["quantity"]) for one in answer.json()["items"]]
    if sorted(kept) != sorted(expected.items()):
        sys.exit(f"clients: sent {sorted(expected.items())}, kept {sorted(kept)}")


def wait_for(address: str) -> None:
    """Wait until the town answers."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            requests.get(f"{address}/livez", timeout=5)
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                sys.exit("clients: the town was not served")
            time.sleep(0.1)
        else:
            return


def _event(own: str, minutes: str, subject: str = "aino") -> Any:
    return Event(
        id=own,
        source="my-app",
        specversion="1.0",
        type="talk",
        subject=subject,
        time=AT,
        data={"value": minutes, "model": "gpt"},
    )


if __name__ == "__main__":
    main()

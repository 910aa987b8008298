"""Send made requests to every address of the API, and count the answers: `make fuzz`.

A town is served by the product's own front on a home of its own; schemathesis makes requests from
the API's description: right ones, wrong ones, with ids that exist and with texts that hurt. Fails
on any answer of 5xx, on any answer that the description does not know (status, kind, shape), on a
request of a wrong shape that is taken, and when `kesto verify` finds anything afterwards.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kesto.api.v1 import api
from scripts.api_reference import BODIES

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".made" / "fuzz"
FIRST_OF_OURS = 500  # the statuses from here on are faults of the product
ENDED = (0, 1)  # how schemathesis ends: nothing wrong, something wrong
PHASES = "examples,coverage,fuzzing,stateful"
ANSWER_SECONDS = 40  # the front gives up after 30, and says so with a 503
HURTFUL = (
    *("' or 1=1 --", "\x00", "\u202e", "\ud7ff", "NaN", "1e999999", "-1", "0", "9" * 60, "null"),
    *("0001-01-01", "9999-12-31", "2026-02-30", "2026-12-01", "Europe/Helsinki", "FI", "EUR"),
)
MOMENTS = ("2026-11-02T06:00:00Z", "2026-12-01T06:00:00Z", "2027-03-01T06:00:00+02:00")
NAMES_OF = {"holder": "customer", "payer": "customer", "user": "customer", "to": "moment"}
"""Fields of bodies that name something under another name."""

# Left out: `positive_data_acceptance`. What is right in shape may still be refused, because a
# customer is unknown or a subscription has ended; no description can say that.
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance", "negative_data_rejection"),
    *("missing_required_header", "unsupported_method", "allow_header_conformance", "ignored_auth"),
)


JUDGED_ONE_BY_ONE = "/v1/events"
"""An address that takes a request and answers for each thing in it by itself: wrong ones are told
as `rejected`, not refused as a whole."""


def main() -> int:
    """Serve, send, count; the exit status is 1 when anything was wrong."""
    asked = argparse.ArgumentParser(description="Send made requests to the API.")
    asked.add_argument("--examples", type=int, default=100, help="requests an address at most")
    asked.add_argument("--seed", type=int, help="the same requests as in another run")
    wanted = asked.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with home() as surroundings:
        with served(surroundings) as facts:
            port = surroundings["KESTO_PORT"]
            write_description()
            write_settings(facts["known"])
            status = send(facts["key"], f"http://127.0.0.1:{port}", wanted.examples, wanted.seed)
        proof = [sys.executable, "-m", "kesto.ops.cli", "verify", "--merchant", facts["merchant"]]
        is_sound = subprocess.run(proof, env=surroundings, check=False).returncode == 0
    if status not in ENDED:
        sys.exit(f"fuzz: it did not come to its end; {FOLDER / 'report.txt'} says why")
    answers = tell()
    is_wrong = status != 0 or not is_sound or any(code >= FIRST_OF_OURS for code in answers)
    return 1 if is_wrong else 0


@contextmanager
def home() -> Iterator[dict[str, str]]:
    """The surroundings of a product with a home and a port of its own."""
    folder = tempfile.mkdtemp(prefix="kesto-fuzz-")
    Path(folder).chmod(0o711)  # as root, the database runs under an account of its own
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    yield {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kesto.ops.settings",
        "KESTO_HOME": str(Path(folder) / "home"),
        "KESTO_PORT": str(port),
        "KESTO_BALLAST_MB": "1",
    }
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def served(surroundings: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The town on the air; what its log says stands in `server.log`."""
    command = [sys.executable, "-m", "tests.fuzz.served"]
    with (
        (FOLDER / "server.log").open("wb") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, stderr=log
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - for the type checker
        line = process.stdout.readline()
        if not line:
            sys.exit(f"fuzz: the town was not served; {FOLDER / 'server.log'} says why")
        yield json.loads(line)
        process.terminate()


def write_description() -> None:
    """The API's description, with the examples of its reference as bodies to begin from."""
    described = json.loads(json.dumps(api.get_openapi_schema()))
    for methods in described["paths"].values():
        for operation in methods.values():
            example = BODIES.get(operation["operationId"])
            if example is not None:
                operation["requestBody"]["content"]["application/json"]["example"] = example
    (FOLDER / "openapi.json").write_text(json.dumps(described), encoding="utf-8")


def write_settings(known: Mapping[str, list[str]]) -> None:
    """Where texts come from: mostly things that are there, and now and then what hurts."""
    lines = [
        "cache = { enabled = false }",
        "[generation]",
        'database = "none"',
        'dictionaries = { string = { dictionary = "hurtful", probability = 0.2 } }',
        "[dictionaries]",
        *(f"{name} = {{ values = {json.dumps(texts)} }}" for name, texts in known.items()),
        f"hurtful = {{ values = {json.dumps(HURTFUL)} }}",
        f"moment = {{ values = {json.dumps(MOMENTS)} }}",
        "[checks]",
        "enabled = false",
        *(f"{name} = {{ enabled = true }}" for name in CHECKS),
        "[parameters]",
        *(f'"path.{name}" = {{ dictionary = "{name}", probability = 0.9 }}' for name in known),
        *(f'"query.{name}" = {{ dictionary = "{name}", probability = 0.6 }}' for name in known),
    ]
    bodies = {**{name: name for name in known}, **NAMES_OF}
    for field, name in bodies.items():
        lines.append(f'"body.{field}" = {{ dictionary = "{name}", probability = 0.6 }}')
    lines += ["[[operations]]", f'include-path = "{JUDGED_ONE_BY_ONE}"']
    lines += ["checks = { negative_data_rejection = { enabled = false } }"]
    (FOLDER / "settings.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def send(key: str, address: str, examples: int, seed: int | None) -> int:
    """Let schemathesis send; answers its exit status. Its own words stand in `report.txt`."""
    for old in FOLDER.glob("*json-*"):
        old.unlink()
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--no-color"),
        *("--config-file", str(FOLDER / "settings.toml")),
        *("run", str(FOLDER / "openapi.json"), "--url", address, "--wait-for-schema", "60"),
        *("--header", f"Authorization: Bearer {key}", "--request-timeout", str(ANSWER_SECONDS)),
        *("--phases", PHASES, "--max-examples", str(examples)),
        *("--continue-on-failure", "--report", "ndjson,json", "--report-dir", str(FOLDER)),
        *(("--seed", str(seed)) if seed is not None else ()),
    ]
    surroundings = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks"}
    with (FOLDER / "report.txt").open("wb") as report:
        return subprocess.run(
            command, cwd=ROOT, env=surroundings, stdout=report, stderr=report, check=False
        ).returncode


def tell() -> Counter[int]:
    """Print the figures; answers how many answers had which status."""
    (summary,) = FOLDER.glob("json-*.json")
    (requests,) = FOLDER.glob("ndjson-*.ndjson")
    found = json.loads(summary.read_text("utf-8"))
    answers: Counter[int] = Counter()
    with requests.open(encoding="utf-8") as lines:
        for line in lines:
            answers.update(statuses(json.loads(line)))
    shown = ", ".join(f"{code}: {count}" for code, count in sorted(answers.items()))
    operations = found["operations"]
    print(f"{operations['tested']} of {operations['total']} operations, seed {found['seed']}")
    print(f"{sum(answers.values())} answers; {shown}")
    for one in found["failures"]:
        print(f"{one['count']} times {one['title']}: {', '.join(one['operations'])}")
    print(f"{sum(one['count'] for one in found['failures'])} failures; {FOLDER / 'report.txt'}")
    return answers


def statuses(value: object) -> Iterator[int]:
    """Every status of an answer that stands anywhere in a value."""
    if isinstance(value, list):
        for one in value:
            yield from statuses(one)
    elif isinstance(value, dict):
        if isinstance(value.get("status_code"), int):
            yield value["status_code"]
        for one in value.values():
            yield from statuses(one)


if __name__ == "__main__":
    sys.exit(main())

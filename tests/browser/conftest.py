"""A real browser on the real product: Debian's Chromium, driven by Playwright.

    def test_today(served, browse):
        page = browse("/office/", width=390, scheme="dark", language="fi")
        assert_sound(page)

Nothing is downloaded: `apt-get install chromium` brings the browser. Without it these tests are
skipped, except where CI is set: there they fail.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.browsing import Browse, Served

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HINT = "no browser here: `apt-get install chromium` brings the one that these tests drive"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is; without one the test is skipped, on CI it fails."""
    found = shutil.which("chromium")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(HINT)
    return str(found)


@pytest.fixture(scope="session")
def served(chromium: str) -> Iterator[Served]:
    """The product as `kesto up` serves it, on a home of its own with a small town in it."""
    assert chromium
    folder = tempfile.mkdtemp(prefix="kesto-browser-")
    Path(folder).chmod(0o711)  # as root, the database runs under an account of its own
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    surroundings = {
        **{name: value for name, value in os.environ.items() if name != "KESTO_TEST_HOME"},
        "KESTO_HOME": str(Path(folder) / "home"),
        "KESTO_PORT": str(port),
        "KESTO_BALLAST_MB": "1",
    }
    facts = run(surroundings, "-m", "tests.browser.village")
    up = [sys.executable, "-m", "kesto.ops.cli", "up", "--json"]
    with subprocess.Popen(up, env=surroundings, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline() or "{}")
        assert ready, "`kesto up` ended before it was ready"
        yield Served(ready["address"], json.loads(facts))
        process.terminate()
    shutil.rmtree(folder, ignore_errors=True)


def run(surroundings: dict[str, str], *words: str) -> str:
    """Run one of our programs; its error output is the failure's message."""
    done = subprocess.run(
        [sys.executable, *words], env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for the tests of a file; its event loop would stand in the way of others."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        yield found
        found.close()


@pytest.fixture
def browse(browser: Browser, served: Served) -> Iterator[Browse]:
    """Open pages: width, colours, language and scripts as wanted, cookies of one visitor."""
    browsing = Browse(browser, served)
    yield browsing
    browsing.close()

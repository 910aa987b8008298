"""Have the browser that the tests drive: `python scripts/browser.py` before them.

Root gets Debian's Chromium installed; anyone else is told which tests are skipped, and how to have
it. On CI the tests themselves fail without it.
"""

import os
import shutil
import subprocess

PACKAGES = ["chromium", "fonts-dejavu-core"]
INSTALL = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *PACKAGES]


def main() -> None:
    """Install the browser where it is missing and that can be done; never stop the tests."""
    if shutil.which("chromium") is not None:
        return
    if os.geteuid() == 0 and shutil.which("apt-get") is not None:
        print("Installing Chromium for the browser tests; this takes a minute or two", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], INSTALL):
            subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
    if shutil.which("chromium") is None:
        print("tests/browser is skipped: there is no Chromium here (apt-get install chromium)")


if __name__ == "__main__":
    main()

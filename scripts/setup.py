"""Make the virtual environment of this folder: `python scripts/setup.py .venv [LOCK ...]`.

Installs what requirements.lock names, and any lock named beside it, each file checked against its
hash, then the project itself. Done once; another run sees the stamp and ends at once. Runs before
anything is installed, so it uses the standard library only.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
STAMP = "kesto-setup.txt"

# Settings that would send packages somewhere else, or take modules from somewhere else.
MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONPATH", "PYTHONHOME")


def main(name: str, *more: str) -> None:
    """Bring the environment `name` to what the locks say, or say what stands in the way."""
    locks = [LOCK, *(ROOT / one for one in more)]
    venv = ROOT / name
    stamp = venv / STAMP
    with LOCK.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits and finds it done
        if is_done(stamp, locks):
            return
        refuse_foreign_folder(venv)
        stamp.unlink(missing_ok=True)
        make_environment(venv)
        install(venv, locks)
        stamp.write_text(wanted(locks), encoding="utf-8")
        say(f"{name} is ready")


def wanted(locks: list[Path]) -> str:
    """All that the environment depends on, as text: the stamp of a finished one."""
    contents = b"".join(path.read_bytes() for path in [*locks, ROOT / "pyproject.toml"])
    return f"{hashlib.sha256(contents).hexdigest()}\n{sys.base_prefix} {sys.version}\n{ROOT}\n"


def is_done(stamp: Path, locks: list[Path]) -> bool:
    """Whether a finished environment of these locks, Python and folder is there and starts."""
    try:
        return stamp.read_text(encoding="utf-8") == wanted(locks) and starts(stamp.parent)
    except OSError:
        return False


def starts(venv: Path) -> bool:
    """Whether the environment's Python can be run; after an upgrade its link may lead nowhere."""
    return os.access(venv / "bin" / "python", os.X_OK)


def refuse_foreign_folder(venv: Path) -> None:
    """Name the remedy where the folder, or an environment in it, is not ours to write."""
    if not os.access(ROOT, os.W_OK):
        refuse(f"{ROOT} belongs to {owner(ROOT)}; clone it into a folder of your own")
    if venv.exists() and not os.access(venv, os.W_OK):
        refuse(f"{venv} belongs to {owner(venv)}; have them remove it, then run this again")


def owner(path: Path) -> str:
    """Who a path belongs to, as a name where there is one."""
    try:
        return path.owner()
    except KeyError:
        return f"user {path.stat().st_uid}"


def make_environment(venv: Path) -> None:
    """Make the environment, keeping one that fits: same Python, same place, with its pip."""
    if fits(venv):
        return
    require_ensurepip()
    say(f"Making {venv.name} with Python {platform.python_version()}")
    run([sys.executable, "-m", "venv", "--clear", str(venv)], "The environment could not be made.")


def fits(venv: Path) -> bool:
    """Whether this very Python made an environment for this very place (scripts name it)."""
    try:
        lines = (venv / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    facts = dict(line.split(" = ", 1) for line in lines if " = " in line)
    same_place = facts.get("command", "").endswith(f" {venv}")
    same_python = facts.get("version") == platform.python_version()
    return same_place and same_python and starts(venv) and (venv / "bin" / "pip").exists()


def require_ensurepip() -> None:
    """Debian keeps the part of Python that makes environments in a package of its own."""
    probe = [sys.executable, "-c", "import ensurepip"]
    if subprocess.run(probe, check=False, stderr=subprocess.DEVNULL).returncode == 0:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    remedy = f"Python can't make environments here; install {package}: apt-get install {package}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        refuse(remedy)
    say(f"Installing {package}, which this Python lacks")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install_package = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", package]
    run(["apt-get", "update", "-qq"], remedy, quiet)
    run(install_package, remedy, quiet)


def install(venv: Path, locks: list[Path]) -> None:
    """Install the locked packages, then the project in place with what it makes of them."""
    environment = {key: value for key, value in os.environ.items() if key not in MISLEADING}
    environment |= {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    pip = [str(venv / "bin" / "python"), "-I", "-m", "pip", "install", "-qq"]
    named = " and ".join(lock.name for lock in locks)
    say(f"Installing the packages of {named} into {venv.name}; this takes up to a minute")
    files = [word for lock in locks for word in ("-r", lock.name)]
    locked = ["--require-hashes", "--only-binary=:all:", *files]
    run([*pip, *locked], "Not all packages came; is there a network?", environment)
    project = ["--no-deps", "--no-build-isolation", "--no-index", "-e", "."]
    run([*pip, *project], "The project itself could not be installed.", environment)
    make = [str(venv / "bin" / "python"), "-I", "-m", "kesto.web.ui.made"]
    run(make, "The fonts and the translations could not be made.", environment)


def run(command: list[str], remedy: str, environment: dict[str, str] | None = None) -> None:
    """Run a program in the project's folder; its failure ends the set-up with the remedy."""
    if subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode != 0:
        refuse(remedy)


def say(line: str) -> None:
    """Tell what is being done, before it is done."""
    print(line, flush=True)


def refuse(reason: str) -> NoReturn:
    """End with status 1 and one line."""
    sys.exit(f"setup: {reason}")


if __name__ == "__main__":
    main(*sys.argv[1:])

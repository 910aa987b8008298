"""What an operator may set by environment, read and checked in one place."""

import ipaddress
import os
from urllib.parse import unquote, urlsplit

from kesto.core.refusals import Invalid
from kesto.store.usage.clickhouse_server import MOST_WAITING, Address

LAST_PORT = 65_535
MOST_WEB_PROCESSES = 32
WEB_CONNECTIONS = 12
"""So many connections to the database a web process holds at most: one for each of its threads."""

OTHER_CONNECTIONS = 40
"""So many are for workers, billing runs and commands."""


def web_port() -> int:
    """The port of the web server: KESTO_PORT, else 8000."""
    return whole_number("KESTO_PORT", 8000, 1, LAST_PORT)


def web_processes() -> int:
    """How many web processes: KESTO_WEB_PROCESSES, else two where we have two cores, else one."""
    cores = len(os.sched_getaffinity(0))
    return whole_number("KESTO_WEB_PROCESSES", min(cores, 2), 1, MOST_WEB_PROCESSES)


def connections() -> int:
    """How many connections to the database all processes may need together."""
    return OTHER_CONNECTIONS + WEB_CONNECTIONS * web_processes()


def workers() -> int:
    """How many worker processes: KESTO_WORKERS, else one."""
    return whole_number("KESTO_WORKERS", 1, 1, 64)


def merchant_code() -> str:
    """Whom a command means that names no merchant: KESTO_MERCHANT, else the only one there is."""
    return os.environ.get("KESTO_MERCHANT", "").strip()


def mailbox_port() -> int:
    """The port of the mailbox that takes the e-mail of test merchants: KESTO_MAILBOX_PORT."""
    return whole_number("KESTO_MAILBOX_PORT", 8025, 1, LAST_PORT)


def public_url() -> str:
    """How browsers reach the web server: KESTO_PUBLIC_URL, else this machine's own address.

    Without https only this machine may be named, or KESTO_INSECURE_HTTP=1 says that it is meant.
    """
    url = os.environ.get("KESTO_PUBLIC_URL", "").rstrip("/") or f"http://127.0.0.1:{web_port()}"
    address = urlsplit(url)
    is_whole = address.scheme in {"http", "https"} and address.hostname and not address.path
    is_safe = address.scheme == "https" or is_loopback(address.hostname or "")
    if not is_whole:
        raise Invalid(
            f"KESTO_PUBLIC_URL is {url!r}: give an address such as https://billing.example.com",
            code="bad_setting",
            field="KESTO_PUBLIC_URL",
        )
    if not is_safe and os.environ.get("KESTO_INSECURE_HTTP") != "1":
        raise Invalid(
            f"KESTO_PUBLIC_URL is {url}: name it with https, or set KESTO_INSECURE_HTTP=1 if"
            " passwords may travel unencrypted in your network",
            code="bad_setting",
            field="KESTO_PUBLIC_URL",
        )
    return url


def usage_address() -> Address | None:
    """The ClickHouse that usage events are kept in: KESTO_USAGE_URL, else none.

    Such as https://kesto:secret@clickhouse.example.com:8443/kesto. Without https only this machine
    may be named, or KESTO_INSECURE_HTTP=1 says that it is meant.
    """
    url = os.environ.get("KESTO_USAGE_URL", "")
    if not url:
        return None
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:
        raise _bad_usage_url("it can't be read") from None
    database = address.path.strip("/")
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise _bad_usage_url("it begins with https:// or http:// and names a host")
    if not database or "/" in database or address.query or address.fragment:
        raise _bad_usage_url("it ends with the name of the database, and nothing after it")
    is_secure = address.scheme == "https"
    is_meant = os.environ.get("KESTO_INSECURE_HTTP") == "1"
    if not (is_secure or is_loopback(address.hostname) or is_meant):
        raise _bad_usage_url(
            "name it with https, or set KESTO_INSECURE_HTTP=1 if passwords and usage may travel"
            " unencrypted in your network"
        )
    return Address(
        host=address.hostname,
        port=port or (8443 if is_secure else 8123),
        is_secure=is_secure,
        user=unquote(address.username or "default"),
        password=unquote(address.password or ""),
        database=unquote(database),
        connect_seconds=whole_number("KESTO_USAGE_CONNECT_SECONDS", 5, 1, 60),
        seconds=whole_number("KESTO_USAGE_SECONDS", 60, 1, 3_600),
    )


def _bad_usage_url(reason: str) -> Invalid:
    """What is wrong with the address; it is not shown, since it holds a password."""
    example = "https://user:password@clickhouse.example.com:8443/kesto"
    detail = f"KESTO_USAGE_URL is not right: {reason}, such as {example}"
    return Invalid(detail, code="bad_setting", field="KESTO_USAGE_URL")


def usage_waiting() -> int:
    """How many events of a merchant may wait for ClickHouse: KESTO_USAGE_WAITING."""
    return whole_number("KESTO_USAGE_WAITING", MOST_WAITING, 10_000, 1_000_000_000)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def whole_number(name: str, usual: int, least: int, most: int) -> int:
    """Read a whole number from the environment; refuse what is none, or out of bounds."""
    text = os.environ.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise Invalid(
            f"{name} is {text!r}: give a whole number from {least} to {most}",
            code="bad_setting",
            field=name,
        )
    return int(text)

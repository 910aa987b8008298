"""Brings the tables up to date, in a process of its own: `kesto up` stays small.

A refusal is written to the output as JSON, and ends with status 2.
"""

import sys

import msgspec

from kesto.core.refusals import Refused
from kesto.ops import boot
from kesto.ops.home import real_home
from kesto.ops.together import NotMigrated


def main() -> None:
    """Migrate, and refuse to serve as a role that row-level security does not hold."""
    place = real_home()
    try:
        boot.migrate(place)
        boot.boot(place, ("app",))
        boot.refuse_bypassing()
    except Refused as refused:
        told = NotMigrated(refused.detail, refused.code, refused.field)
        sys.stdout.write(msgspec.json.encode(told).decode())
        sys.exit(2)


if __name__ == "__main__":
    main()

"""What `kesto up` becomes: the small process that keeps database, web and workers running."""

import signal
import sys
import threading
import traceback

from kesto.core.refusals import Refused
from kesto.ops import together
from kesto.ops.home import real_home

AS_JSON = "--json"
TROUBLE = 3


def main() -> None:
    """Keep everything running until told to end; exit 2 when refused, 3 on trouble."""
    as_json = AS_JSON in sys.argv
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def show(address: str) -> None:
        words = f'{{"address":"{address}"}}' if as_json else together.ready(address, "ctrl-C")
        sys.stdout.write(f"{words}\n")
        sys.stdout.flush()

    try:
        together.run(real_home(), stop, show)
    except Refused as refused:
        from kesto.ops import console  # noqa: PLC0415 - most of the time it is not needed

        console.show_refusal(refused, as_json=as_json)
        sys.exit(console.REFUSED)
    except Exception:  # noqa: BLE001 - the edge, as that of every command
        traceback.print_exc()
        sys.exit(TROUBLE)


if __name__ == "__main__":
    main()

"""What `kesto up` becomes: the small process that keeps database, web and workers running."""

import signal
import sys
import threading
import traceback

from kesto.core.refusals import Refused
from kesto.ops import console, together
from kesto.ops.home import real_home

AS_JSON = "--json"


def main() -> None:
    """Keep everything running until told to end; exit 2 when refused, 3 on trouble."""
    as_json = AS_JSON in sys.argv
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def show(address: str) -> None:
        if as_json:
            console.show_json({"address": address})
        else:
            console.show_text(together.ready(address, "ctrl-C"))

    try:
        together.run(real_home(), stop, show)
    except Refused as refused:
        console.show_refusal(refused, as_json=as_json)
        sys.exit(console.REFUSED)
    except Exception:  # noqa: BLE001 - the edge, as that of every command
        traceback.print_exc()
        sys.exit(console.TROUBLE)


if __name__ == "__main__":
    main()

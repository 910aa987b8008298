"""What `kesto up` becomes: the small process that keeps database, web and workers running."""

import signal
import sys
import threading
import traceback
from importlib import import_module

from kesto.core.refusals import Refused
from kesto.ops import plain, together
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
            plain.show_json({"address": address})
        else:
            plain.show_text(together.ready(address, "ctrl-C"))

    try:
        together.run(real_home(), stop, show)
    except Refused as refused:
        # Only who is refused waits for what draws on a terminal, and holds it.
        import_module("kesto.ops.console").show_refusal(refused, as_json=as_json)
        sys.exit(plain.REFUSED)
    except Exception:  # noqa: BLE001 - the edge, as that of every command
        traceback.print_exc()
        sys.exit(plain.TROUBLE)


if __name__ == "__main__":
    main()

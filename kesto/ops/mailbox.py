"""The mailbox process of a home with test merchants. Started by `kesto up`."""

from kesto.demo import mailbox
from kesto.ops import config, leash
from kesto.ops.home import real_home


def main() -> None:
    """Take the e-mail of test merchants until told to end."""
    leash.end_with_parent()
    mailbox.run(real_home().mailbox, config.mailbox_port())


if __name__ == "__main__":
    main()

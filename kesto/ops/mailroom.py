"""The mailroom of a home: where its documents and letters lie, which servers take its mail."""

from collections.abc import Callable

from kesto.adapters.blobs.folder import FolderBlobs
from kesto.adapters.channels.letter import LetterFolder
from kesto.adapters.channels.port import MailChannel, MailServer
from kesto.adapters.channels.smtp import SmtpChannel
from kesto.adapters.documents.fonts import font_folder
from kesto.adapters.documents.renderer import Renderer
from kesto.demo.mailbox import HOST
from kesto.flows.mailroom import Mailroom
from kesto.ops import clock, config
from kesto.ops.home import Home
from kesto.web.ui import made

PASSWORD = "smtp-{code}"  # noqa: S105 - the name of a secret's file


def mailroom(place: Home) -> Mailroom:
    """What this process delivers with; it keeps one connection to each mail server."""
    return Mailroom(
        maker=renderer(place),
        blobs=FolderBlobs(place.documents),
        letters=LetterFolder(place.letters),
        open_mail=_channels(),
        clock=clock.now,
        public_url=config.public_url(),
        test_server=MailServer(HOST, config.mailbox_port()),
        secret=lambda code: place.secret(PASSWORD.format(code=code)),
    )


def renderer(place: Home) -> Renderer:
    """What lays out the documents of a home."""
    return Renderer(font_folder(made.folder(place.cache)))


def _channels() -> Callable[[MailServer], MailChannel]:
    known: dict[MailServer, MailChannel] = {}

    def channel(server: MailServer) -> MailChannel:
        if server not in known:
            known[server] = SmtpChannel(server)
        return known[server]

    return channel

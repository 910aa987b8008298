"""A server of one's own, named by KESTO_DATABASE_URL."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from kesto.core.refusals import Invalid, NotAllowed
from kesto.ops import boot, database, postgres
from kesto.ops.database import Address
from kesto.ops.home import Home

NAME = "shop"


@pytest.fixture(scope="module")
def server() -> Iterator[Home]:
    """A server that plays the part of somebody else's."""
    with tempfile.TemporaryDirectory(prefix="kesto-external-") as folder:
        place = Home(Path(folder))
        with boot.running(place):
            with database.as_superuser(place, database.address(place)) as connection:
                connection.execute(f"create database {NAME}")
                connection.execute("create role clerk login password 'clerk'")
            yield place


@pytest.fixture
def place(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def url(server: Home, user: str, password: str, name: str = NAME) -> str:
    words = database.address(server).words
    return f"postgresql://{user}:{quote(password)}@/{name}?host={quote(words['host'])}&port=5432"


def admin_url(server: Home) -> str:
    return url(server, "postgres", server.secret("postgres"))


def test_roles_are_made_and_tables_brought_in(
    server: Home, place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KESTO_DATABASE_URL", admin_url(server))
    with boot.running(place):
        boot.migrate(place)
        where = database.address(place)
        assert "password" not in where.words
        assert "user" not in where.words
        with database.connect(where.login(place, "app")) as connection:
            row = connection.execute("select current_user, current_database()").fetchone()
            assert row == ("kesto_app", NAME)
            assert connection.execute("select count(*) > 0 from django_migrations").fetchone()
    assert postgres.known(place) is None
    assert not place.data.exists()


def test_other_roles_suffice_once_ours_are_there(
    server: Home, place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KESTO_DATABASE_URL", admin_url(server))
    with boot.running(place):
        pass
    with database.as_superuser(server, Address(database.address(server).words)) as connection:
        connection.execute(f"grant connect on database {NAME} to clerk")
    monkeypatch.setenv("KESTO_DATABASE_URL", url(server, "clerk", "clerk"))
    with boot.running(place):
        assert database.answers(place)


def test_without_rights_and_roles_the_way_out_is_named(
    server: Home, place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KESTO_DATABASE_URL", url(server, "clerk", "clerk", "postgres"))
    with pytest.raises(NotAllowed, match="create kesto_owner") as refused, boot.running(place):
        pass
    assert str(place.secrets / "kesto_owner") in refused.value.detail


@pytest.mark.parametrize("text", ["postgresql://[", "host=", "what is this"])
def test_unreadable_url_is_refused(place: Home, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KESTO_DATABASE_URL", text)
    with pytest.raises((Invalid, NotAllowed)) as refused, boot.running(place):
        pass
    assert refused.value.field == "KESTO_DATABASE_URL"


def test_wrong_password_is_refused(
    server: Home, place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KESTO_DATABASE_URL", url(server, "postgres", "guessed"))
    with pytest.raises(NotAllowed, match="does not let us in"), boot.running(place):
        pass

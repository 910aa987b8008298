from django.db import connections

from kesto.ops.home import Home


def test_roles(booted: Home) -> None:
    seen = {}
    for alias in ("default", "run", "audit", "owner"):
        with connections[alias].cursor() as cursor:
            cursor.execute("select current_user")
            seen[alias] = cursor.fetchone()[0]
    assert seen == {a: "kesto_" + ("app" if a == "default" else a) for a in seen}

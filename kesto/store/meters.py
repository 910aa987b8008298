"""Meters and features in the database: published once, read into core values."""

from collections.abc import Sequence

import msgspec

from kesto.core.catalog import Feature, SoldMeter
from kesto.core.fields import Fields
from kesto.core.metering import meter_fields, parse_meter
from kesto.store.session import Session


def meters(session: Session) -> dict[str, SoldMeter]:
    """The merchant's meters by code."""
    rows = session.rows(
        "select id, code, names, spec, unit, late from meter where merchant_id = %s order by code",
        session.merchant_id,
    )
    return {
        code: SoldMeter(own, code, names, parse_meter(Fields(spec)), unit, late)
        for own, code, names, spec, unit, late in rows
    }


def add_meters(session: Session, added: Sequence[SoldMeter]) -> None:
    """Add meters that are not there yet."""
    rows = [
        {
            "id": one.id,
            "code": one.code,
            "names": one.names,
            "spec": meter_fields(one.meter),
            "unit": one.unit,
            "late": one.late,
        }
        for one in added
    ]
    session.add("meter", rows)


def change_meter(session: Session, meter: SoldMeter) -> None:
    """Take over a meter's names, its unit and what late events do; what it counts stays."""
    session.execute(
        "update meter set names = %s::jsonb, unit = %s, late = %s"
        " where merchant_id = %s and id = %s",
        *(msgspec.json.encode(meter.names).decode(), meter.unit, meter.late),
        *(session.merchant_id, meter.id),
    )


def features(session: Session) -> dict[str, Feature]:
    """The merchant's features by code."""
    rows = session.rows(
        "select id, code, names, kind, meter from feature where merchant_id = %s order by code",
        session.merchant_id,
    )
    return {row[1]: Feature(*row) for row in rows}


def add_features(session: Session, added: Sequence[Feature]) -> None:
    """Add features that are not there yet."""
    session.add("feature", [msgspec.structs.asdict(feature) for feature in added])


def change_feature(session: Session, feature: Feature) -> None:
    """Take over a feature's names."""
    session.execute(
        "update feature set names = %s::jsonb where merchant_id = %s and id = %s",
        *(msgspec.json.encode(feature.names).decode(), session.merchant_id, feature.id),
    )

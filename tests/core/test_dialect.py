"""Operations with different SQL on SQLite and PostgreSQL, and the same result."""

import datetime as dt
import uuid

from django.db import connection

from frontdesk.core.sql.dialect import dialect
from frontdesk.core.sql.statements import read_id, read_rows


def test_ids_times_and_days_are_parameters_of_raw_statements(db: None) -> None:
    id_ = uuid.uuid4()
    ((given,),) = read_rows("SELECT %s", [id_])
    assert read_id(given) == id_
    noon = dt.datetime(2026, 10, 14, 12, tzinfo=dt.UTC)
    elsewhere = noon.astimezone(dt.timezone(dt.timedelta(hours=1)))
    assert read_rows("SELECT %s = %s", [noon, elsewhere])[0][0]
    assert read_rows("SELECT %s = %s", [noon.date(), elsewhere.date()])[0][0]


def test_a_json_object_is_asked_for_a_key(db: None) -> None:
    for key, is_there in (("a", True), ("b", False)):
        sql, params = dialect().json_has_key("given.value", key)
        kind = connection.data_types["JSONField"] if dialect().takes_rows_as_json else "text"
        source = f"(SELECT CAST(%s AS {kind}) AS value) given"
        ((found,),) = _select(f"{sql} FROM {source}", [*params, '{"a": null}'])
        assert bool(found) is is_there


def test_a_text_contains_all_patterns(db: None) -> None:
    for patterns, holds in ((["50%", "da_"], True), (["50_"], False), (["ad", "x"], False)):
        sql, params = dialect().contains("given.value", patterns)
        source = "(SELECT CAST(%s AS text) AS value) given"
        ((found,),) = _select(f"{sql} FROM {source}", [*params, "ada_ 50%"])
        assert bool(found) is holds


def test_a_random_id_is_an_id_and_a_digest_is_sha256(db: None) -> None:
    ((found, digest),) = read_rows(
        f"SELECT {dialect().random_id()}, {dialect().sha256('CAST(%s AS text)')}", ["abc"]
    )
    assert read_id(found).int
    assert digest.startswith("ba7816bf")


def _select(rest: str, params: list[object]) -> list[tuple[object, ...]]:
    return read_rows(f"SELECT {rest}", params)

"""Many rows in one statement, on PostgreSQL and on SQLite.

PostgreSQL receives new rows by COPY, and others as one JSON parameter, which it reads with
`json_to_recordset`. SQLite, which has no round trips, receives them by `executemany`. Values are
UUID (or its 32 hex digits), datetime (UTC), date, int, str, bool, None or, for JSON columns,
anything that JSON can express.
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection, models

from frontdesk.core.sql.dialect import Converters, dialect

Row = Sequence[Any]


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows whose keys are known to be new."""
    if not dialect().takes_rows_as_json:
        _write(model, columns, rows, "")
    elif rows:
        encoders = _encoders(model, tuple(columns))
        statement = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
        # Django's cursor does not wrap copy(), and so does not convert its errors.
        wrapped = connection.wrap_database_errors
        with wrapped, connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(_convert(encoders, row))


def insert_missing(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Row],
    constants: Mapping[str, Any],
) -> None:
    """PostgreSQL: insert the rows whose keys do not exist, and lock those that exist.

    The first column is the key. `constants` are columns with the same value in every new row, which
    are sent once because sending them with each row took most of the time. Only a write locks a
    row, so one column is set to its own value.
    """
    key, kept = columns[:2]
    source, parameter = _recordset(model, columns, rows)
    values = _convert(_encoders(model, tuple(constants)), list(constants.values()))
    types = [_field(model, column).rel_db_type(connection) for column in constants]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join([*columns, *constants])})"
            f" SELECT {', '.join([*columns, *(f'%s::{kind}' for kind in types)])} FROM {source}"
            f" ON CONFLICT ({key}) DO UPDATE SET {kept} = EXCLUDED.{kept}",
            [*values, parameter],
        )


def upsert(
    model: type[models.Model], key: Sequence[str], columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Insert rows, or replace the columns of existing ones."""
    settings = ", ".join(f"{c} = EXCLUDED.{c}" for c in columns)
    _write(
        model, [*key, *columns], rows, f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {settings}"
    )


def add(
    model: type[models.Model],
    key: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[Row],
    replaced: Sequence[str] = (),
) -> None:
    """Add to the columns of the rows with these keys. A missing row starts from zero.

    The columns `replaced`, the last of a row, are set instead.
    """
    table = model._meta.db_table
    sums = [f"{c} = {table}.{c} + EXCLUDED.{c}" for c in columns]
    settings = ", ".join([*sums, *(f"{c} = EXCLUDED.{c}" for c in replaced)])
    _write(
        model,
        [*key, *columns, *replaced],
        rows,
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {settings}",
    )


def update(
    model: type[models.Model], key: Sequence[str], columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Set the columns of the rows with these keys. A row is the key, then the columns."""
    if not rows:
        return
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if dialect().takes_rows_as_json:
            settings = ", ".join(f"{c} = r.{c}" for c in columns)
            where = " AND ".join(f"{table}.{k} = r.{k}" for k in key)
            source, parameter = _recordset(model, (*key, *columns), rows)
            cursor.execute(
                f"UPDATE {table} SET {settings} FROM {source} WHERE {where}",
                [parameter],
            )
        else:
            settings = ", ".join(f"{c} = %s" for c in columns)
            where = " AND ".join(f"{k} = %s" for k in key)
            encoders = _encoders(model, (*columns, *key))
            n = len(key)
            cursor.executemany(
                f"UPDATE {table} SET {settings} WHERE {where}",
                [_convert(encoders, (*row[n:], *row[:n])) for row in rows],
            )


def delete(model: type[models.Model], key: Sequence[str], rows: Sequence[Row]) -> None:
    """Delete the rows with these keys."""
    if not rows:
        return
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if dialect().takes_rows_as_json:
            where = " AND ".join(f"{table}.{k} = r.{k}" for k in key)
            source, parameter = _recordset(model, key, rows)
            cursor.execute(f"DELETE FROM {table} USING {source} WHERE {where}", [parameter])
        else:
            where = " AND ".join(f"{k} = %s" for k in key)
            encoders = _encoders(model, tuple(key))
            statement = f"DELETE FROM {table} WHERE {where}"
            cursor.executemany(statement, [_convert(encoders, row) for row in rows])


def select(
    statement: str, kinds: dict[str, str], rows: Sequence[Row], results: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Run a SELECT that joins given rows: `{given}` in it stands for them as a derived table.

    `kinds` names the columns of the given rows and their types, `results` the types of the columns
    that come back; types are uuid, timestamptz, date, text, int, bool, hex (a uuid given as its
    digits), json (comes back only).
    """
    if not rows:
        return []
    given, parameter = _given(kinds, rows)
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{given}", given), [parameter])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    decoders = _converters(dialect().decoders, results)
    return [tuple(_convert(decoders, row)) for row in found] if decoders else found


def _given(kinds: dict[str, str], rows: Sequence[Row]) -> tuple[str, str]:
    """A derived table of rows, and its parameter."""
    names = list(kinds)
    if dialect().takes_rows_as_json:
        types = ", ".join(f"{n} {_POSTGRES[kind]}" for n, kind in kinds.items())
        return f"json_to_recordset(%s::json) AS r({types})", _json_rows(names, rows)
    encoders = _converters(dialect().encoders, kinds.values())
    encoded = [_convert(encoders, row) for row in rows] if encoders else rows
    fields = ", ".join(f"json_extract(value, '$[{i}]') AS {n}" for i, n in enumerate(names))
    return f"(SELECT {fields} FROM json_each(%s)) AS r", msgspec.json.encode(encoded).decode()


_POSTGRES = {
    "uuid": "uuid",
    "hex": "uuid",
    "timestamptz": "timestamp with time zone",
    "date": "date",
    "text": "text",
    "int": "bigint",
    "bool": "boolean",
}


_KINDS = {
    models.UUIDField: "uuid",
    models.DateTimeField: "timestamptz",
    models.DateField: "date",
    models.JSONField: "json",
}


def _kind(field: "models.Field[Any, Any]") -> str:
    while field.remote_field is not None:
        field = field.target_field  # type: ignore[attr-defined]
    return next((kind for cls, kind in _KINDS.items() if isinstance(field, cls)), "text")


def _field(model: type[models.Model], column: str) -> "models.Field[Any, Any]":
    return next(f for f in model._meta.concrete_fields if f.column == column)


_Converters = list[tuple[int, Callable[[Any], Any]]]
"""The indexes of a row that are converted, and how; most values need no conversion."""


@functools.cache
def _encoders(model: type[models.Model], columns: tuple[str, ...]) -> _Converters:
    return _converters(dialect().encoders, (_kind(_field(model, column)) for column in columns))


def _converters(known: Converters, kinds: Iterable[str]) -> _Converters:
    return [(i, known[kind]) for i, kind in enumerate(kinds) if kind in known]


def _convert(converters: _Converters, row: Row) -> list[Any]:
    converted = list(row)
    for index, convert in converters:
        if converted[index] is not None:
            converted[index] = convert(converted[index])
    return converted


def _write(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], on_conflict: str
) -> None:
    if not rows:
        return
    into = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"
    with connection.cursor() as cursor:
        if dialect().takes_rows_as_json:
            source, parameter = _recordset(model, columns, rows)
            names = ", ".join(columns)
            cursor.execute(f"{into} SELECT {names} FROM {source} {on_conflict}", [parameter])
        else:
            marks = ", ".join(["%s"] * len(columns))
            encoders = _encoders(model, tuple(columns))
            cursor.executemany(
                f"{into} VALUES ({marks}) {on_conflict}", [_convert(encoders, row) for row in rows]
            )


def _recordset(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]
) -> tuple[str, str]:
    return f"json_to_recordset(%s::json) AS r({_types(model, tuple(columns))})", _json_rows(
        columns, rows
    )


@functools.cache
def _types(model: type[models.Model], columns: tuple[str, ...]) -> str:
    """The columns with their types, without lengths: the table's own errors for these are clear."""
    return ", ".join(f"{c} {_field(model, c).rel_db_type(connection)}" for c in columns)


def _json_rows(columns: Sequence[str], rows: Sequence[Row]) -> str:
    return msgspec.json.encode([dict(zip(columns, row, strict=True)) for row in rows]).decode()

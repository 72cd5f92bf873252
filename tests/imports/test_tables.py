"""CSV files: every cell is read as it was written, and what cannot be read is named."""

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.source import Source
from frontdesk.imports.tables.reading import Row, Table, read_table
from frontdesk.imports.tables.splitting import MAX_ROW, cells_of, split_rows

HEADER = ["id", "text", "more"]

hostile = st.one_of(
    st.text(),
    st.text('",;\t|\r\n\0 =\ufeff\u2028\u202e🙂'),
    st.sampled_from(["sep=;", "=1+1", '"', '""', "\r", "\n", "\r\n", " x "]),
).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))


def table(content: bytes) -> Table:
    raw = io.BufferedReader(io.BytesIO(content))
    return read_table(Source(raw, "people.csv", len(content)))


def rows(content: bytes) -> list[Row]:
    return list(table(content).rows)


def written(lines: list[list[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(lines)
    return text.getvalue()


@given(
    st.lists(st.lists(hostile, min_size=3, max_size=3)),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    st.booleans(),
)
def test_what_the_csv_module_writes_is_read_back_whole(
    cells: list[list[str]], delimiter: str, encoding: str, has_separator_line: bool
) -> None:
    above = f"sep={delimiter}\r\n" if has_separator_line else ""
    text = above + written([HEADER, *cells], delimiter)
    if encoding.endswith("e"):  # the byte order is told by the mark alone
        text = "\ufeff" + text
    found = table(text.encode(encoding))
    assert found.header == HEADER
    read = list(found.rows)
    assert [row.problem for row in read] == [""] * len(read)
    assert [row.cells for row in read] == [row for row in cells if any(map(str.strip, row))]
    if len(read) == len(cells):
        assert b"".join([found.head, *(row.raw for row in read)]).decode() == text.lstrip("\ufeff")


@given(st.text('",a;\r\n'), st.lists(st.integers(0, 30)))
def test_rows_are_those_of_the_csv_module_wherever_the_text_is_cut(
    text: str, cuts: list[int]
) -> None:
    ends = sorted(n for n in {*cuts, len(text)} if n <= len(text) and text[n - 1 : n + 1] != "\r\n")
    pieces = [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    found = list(split_rows(pieces, ","))
    assert "".join(row.text for row in found) == text
    assert [cells_of(row.text, ",") for row in found] == list(
        csv.reader(io.StringIO(text, newline=""))
    )
    above = ["".join(row.text for row in found[:number]) for number in range(len(found))]
    assert [row.line for row in found] == [len(f"{text}x".splitlines()) for text in above]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_way_and_quoted_ones_stay(end: str) -> None:
    [first, second] = rows(
        written([HEADER, ["1", f"a{end}b", ""], ["2", "c", ""]], end=end).encode()
    )
    assert (first.cells[1], second.cells[1]) == (f"a{end}b", "c")
    assert (str(first), str(second)) == ("row 2", "row 3 (line 4)")


def test_rows_are_numbered_as_in_a_spreadsheet() -> None:
    [first, second] = rows(b"sep=;\nid;text\n1;x\n;\n\n2;y\n")
    assert (str(first), str(second)) == ("row 2 (line 3)", "row 5 (line 6)")


def test_the_delimiter_is_the_one_that_makes_the_most_columns() -> None:
    assert table(b"id;name, first;text\n").header == ["id", "name, first", "text"]
    assert table(b"id\tname, first\ttext\n").header == ["id", "name, first", "text"]
    assert table(b"id\n").header == ["id"]


def test_a_bad_row_is_rejected_alone() -> None:
    good, *bad, last = rows(
        b"id,text\n1,good\n2,a,b\n3,caf\xe9\n4," + b"x" * 140_000 + b"\n5,last\n"
    )
    assert (good.cells, last.cells) == (["1", "good"], ["5", "last"])
    assert [row.problem for row in bad] == [
        "3 cells, but the header has 2: a comma in a text needs quotation marks",
        "not text in UTF-8: save the file as “CSV UTF-8”",
        "a cell is longer than 131,072 characters",
    ]
    assert bad[1].raw == b"3,caf\xe9\n"


def test_a_quotation_mark_that_is_never_closed() -> None:
    [row] = rows(b'id,text\n1,"open\n2,x\n')
    assert row.problem == "a quotation mark begins a cell that does not end"


@pytest.mark.parametrize("unit", ["x", '""', ",", ',""', "\n"])
def test_an_endless_row_costs_no_more_than_reading_it(unit: str) -> None:
    content = b'id,text\n1,"' + (unit * (10 * MAX_ROW)).encode()[: 10 * MAX_ROW] + b'"\n2,b\n'
    started = time.process_time()
    found = table(content)
    size = max(len(row.text) for row in found.rows)
    assert size <= MAX_ROW
    assert time.process_time() - started < 3


def test_a_row_that_is_too_long_is_skipped_to_its_end() -> None:
    long, last = rows(b'id,text\n1,"' + b'x\n"",' * MAX_ROW + b'"\n2,b\n')
    assert "longer than 1,000,000 characters" in long.problem
    assert last.cells == ["2", "b"]
    assert last.line == MAX_ROW + 3


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\n\r\n  \n", "is empty"),
        (b"PK\x03\x04...", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0...", "old Excel workbook"),
        (b'{"text": 1}', "import jsonl"),
        (b'[{"text": 1}]', "import jsonl"),
        (b'"id,text\n', "no header"),
        (b"id,caf\xe9\n", "no header"),
        (b"x" * 200_000, "no header"),
        (b",".join([b"x"] * 1_001), "more than 1,000 columns"),
        (b"\xff\xfei\0d\0\n\0\x00\xd8\n\0", "damaged UTF-16"),
    ],
)
def test_other_files_are_refused_by_name(content: bytes, problem: str) -> None:
    with pytest.raises(ImportFileError, match=problem):
        rows(content)

"""Reads an exported CSV, or a ZIP of them, with Python's own readers, and compares the rows that a test knows.

Usage: read_exports.py EXPECTED FILE

EXPECTED is JSON: by entry id, the cells of that row by column, taken off their guard; `Audited Time` as any ISO time of
the same instant, `Changes` as JSON. Prints, as JSON, how many rows the file has and how many of them were compared.
"""

import csv
import datetime
import io
import json
import re
import sys
import zipfile

HEADER = (
    "Done By,Action,Module,Record Name,Related Module,Related Name,Account Name,Audited Time,"
    "Record Id,Done By Id,Entry Id,Source,Changes"
)
GUARDED = re.compile(r"'+[=+\-@\t\r]")


def unguarded(cell):
    return cell[1:] if GUARDED.match(cell) else cell


def check_bytes(content, name):
    if not content.startswith(HEADER.encode() + b"\r\n"):
        raise SystemExit(f"{name} starts with {content[:200]!r}")
    if not content.endswith(b"\r\n"):
        raise SystemExit(f"{name} ends with {content[-200:]!r}")


def rows_of(content):
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="strict", newline="")
    reader = csv.reader(text, strict=True)
    columns = next(reader)
    for cells in reader:
        if len(cells) != len(columns):
            raise SystemExit(f"line {reader.line_num} has {len(cells)} cells: {cells!r}"[:2000])
        yield dict(zip(columns, map(unguarded, cells)))


def check_row(row, expected):
    for column, value in expected.items():
        found = row[column]
        if column == "Audited Time":
            same = datetime.datetime.fromisoformat(found) == datetime.datetime.fromisoformat(value)
        elif column == "Changes" and value is not None:
            compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            same = json.loads(found) == value and len(found) <= len(compact) * 6
        else:
            same = found == (value or "")
        if not same:
            raise SystemExit(f"entry {row['Entry Id']}, {column}: {found!r} instead of {value!r}"[:4000])


def contents_of(path):
    if not path.endswith(".zip"):
        with open(path, "rb") as file:
            yield path, file.read()
        return
    with zipfile.ZipFile(path) as archive:
        broken = archive.testzip()
        if broken is not None:
            raise SystemExit(f"{broken} is broken")
        for name in archive.namelist():
            yield name, archive.read(name)


def main(expected_path, path):
    csv.field_size_limit(1 << 24)
    with open(expected_path, encoding="utf-8") as file:
        expected = json.load(file)
    rows = 0
    compared = set()
    for name, content in contents_of(path):
        check_bytes(content, name)
        for row in rows_of(content):
            rows += 1
            known = expected.get(row["Entry Id"])
            if known is not None:
                check_row(row, known)
                compared.add(row["Entry Id"])
    print(json.dumps({"rows": rows, "compared": len(compared)}))


main(*sys.argv[1:])

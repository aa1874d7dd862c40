"""Sources: files and standard input as lines, and the external sort."""

import gzip
import io
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from streams.sorting import edge_times, event_times, sort_lines
from streams.sources import SourceError, open_source, open_sources
from streams.wire import Decoder, EdgeDecoder, Lines, Origin

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


def read(path: Path, batch_size: int = 1_000) -> list[tuple[bytes, Origin]]:
    chunks = list(open_source(str(path), batch_size))
    assert all(len(chunk.values) <= batch_size for chunk in chunks)
    return [(value, chunk.locate(at)) for chunk in chunks for at, value in enumerate(chunk.values)]


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("batch_size", [1, 3, 1_000])
def test_a_file_gives_its_lines_and_their_numbers(tmp_path: Path, suffix: str, batch_size: int) -> None:
    path = tmp_path / f"events.ndjson{suffix}"
    path.write_bytes(PACKERS[suffix](b"\xef\xbb\xbfone\r\ntwo\n\nfour\nfive"))
    name = str(path)
    assert read(path, batch_size) == [
        (b"one", Origin(name, 1)),
        (b"two", Origin(name, 2)),
        (b"", Origin(name, 3)),
        (b"four", Origin(name, 4)),
        (b"five", Origin(name, 5)),
    ]


@pytest.mark.parametrize("suffix", PACKERS)
def test_large_files_come_whole(tmp_path: Path, suffix: str) -> None:
    lines = [b"%d" % number * 50 for number in range(30_000)]
    path = tmp_path / f"large{suffix}"
    path.write_bytes(PACKERS[suffix](b"\n".join(lines) + b"\n"))
    assert [value for value, _ in read(path, 7_000)] == lines


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_compressed_parts_laid_end_to_end_are_read_through(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"parts{suffix}"
    path.write_bytes(PACKERS[suffix](b"one\ntw") + PACKERS[suffix](b"o\n"))
    assert [value for value, _ in read(path)] == [b"one", b"two"]


def test_several_files_are_one_source_each_with_its_own_numbers(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"1\n2\n")
    chunks = list(open_sources([str(tmp_path / name) for name in "ba"]))
    origins = [chunk.locate(at) for chunk in chunks for at in range(len(chunk.values))]
    assert origins == [Origin(str(tmp_path / name), line) for name in "ba" for line in (1, 2)]


@pytest.mark.parametrize("packer", PACKERS.values(), ids=["plain", "gzip", "zstd"])
def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, packer: Callable[[bytes], bytes]) -> None:
    stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(packer(b"one\ntwo"))))
    monkeypatch.setattr(sys, "stdin", stdin)
    (lines, *more) = [(chunk.values, chunk.locate(0)) for chunk in open_source("-")]
    assert [*lines[0], *(value for values, _ in more for value in values)] == [b"one", b"two"]
    assert lines[1] == Origin("-", 1)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cut.gz", gzip.compress(bytes(range(256)) * 500)[:-20], "ends in the middle"),
        ("cut.zst", zstandard.compress(bytes(range(256)) * 500)[:-5], "ends in the middle"),
        ("plain.gz", b"one\n", "not compressed as its name says"),
        ("plain.zst", b"", "not compressed as its name says"),
        ("broken.gz", gzip.compress(b"x" * 500)[:10] + b"\xff" * 500, "cannot be decompressed"),
        ("broken.zst", zstandard.compress(b"x" * 500)[:6] + b"\xff" * 500, "cannot be decompressed"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=says):
        read(path)


def test_a_missing_file_and_a_directory_are_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file"):
        read(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="directory"):
        read(tmp_path)


def test_a_line_without_end_is_refused_without_being_kept(tmp_path: Path) -> None:
    path = tmp_path / "endless"
    path.write_bytes(b"{}\n" + b"x" * (40 << 20) + b"\n{}\n")
    lines = read(path)
    assert [origin.line for _, origin in lines] == [1, 2, 3]
    assert lines[2][0] == b"{}"
    decoded = Decoder().decode(Lines.numbered([value for value, _ in lines]))
    assert [refusal.code for refusal in decoded.refusals] == ["missing_field", "too_large", "missing_field"]


def timed(name: str, time: object) -> bytes:
    return json.dumps({"id": name, "time": time}).encode()


def test_sorting_puts_events_in_the_order_of_time_and_keeps_where_they_stood() -> None:
    lines = [
        timed("c", 3),
        b"[" + timed("d", 4) + b"," + timed("a", "1970-01-01T00:00:00.001Z") + b", 5]",
        b"broken",
        timed("\ud800b", 2),
        timed("late", 1),
    ]
    out = list(sort_lines([Lines.numbered(lines, "file")]))
    found = [(value, chunk.locate(at)) for chunk in out for at, value in enumerate(chunk.values)]
    assert [origin for _, origin in found] == [
        Origin("file", 2, 2),
        Origin("file", 3),
        Origin("file", 2, 1),
        Origin("file", 5),
        Origin("file", 4),
        Origin("file", 1),
        Origin("file", 2, 0),
    ]
    assert found[1][0] == b"broken"
    assert found[-1][0] == timed("d", 4)


@given(
    st.lists(st.integers(0, 50), max_size=200),
    st.integers(1, 5_000),
    st.integers(1, 50),
)
def test_sorting_is_stable_however_little_memory_it_has(times: list[int], memory_bytes: int, batch_size: int) -> None:
    lines = [timed(f"e{at}", time) for at, time in enumerate(times)]
    chunks = [Lines.numbered(lines[:70], "a"), Lines.numbered(lines[70:], "b", 71)]
    out = list(sort_lines(chunks, batch_size=batch_size, memory_bytes=memory_bytes))
    expected = sorted(range(len(times)), key=lambda at: times[at])
    assert [value for chunk in out for value in chunk.values] == [lines[at] for at in expected]
    assert all(len(chunk.values) <= batch_size for chunk in out)
    origins = [chunk.locate(at) for chunk in out for at in range(len(chunk.values))]
    assert origins == [Origin("a" if at < 70 else "b", at + 1) for at in expected]


def test_an_element_that_is_an_array_is_refused_sorted_or_not() -> None:
    element = json.dumps({"id": "e", "type": "post", "time": 1_709_510_400_000, "author": "a"}).encode()
    lines = Lines.numbered([b"[[" + element + b"]," + element + b"]"], "file")
    plain = Decoder().decode(lines)
    (chunk,) = sort_lines([lines])
    ordered = Decoder().decode(chunk)
    assert plain.refusals == ordered.refusals
    assert [refusal.code for refusal in plain.refusals] == ["not_an_object"]
    assert len(plain.batch) == len(ordered.batch) == 1


def test_edges_are_sorted_too() -> None:
    lines = [b"%d %d %d" % (at, at + 1, 1_341_100_972 + random.Random(at).randrange(50)) for at in range(100)]
    out = list(sort_lines([Lines.numbered([*lines, b"# comment", b"bad"])], edge_times, memory_bytes=2_000))
    decoder = EdgeDecoder()
    decoded = [decoder.decode(chunk) for chunk in out]
    times = [time for part in decoded for time in part.batch["time"].tolist()]
    assert times == sorted(times)
    assert len(times) == 100
    assert [(r.code, r.origin.line) for part in decoded for r in part.refusals] == [("bad_edge", 102)]


def test_times_for_sorting_are_those_that_events_have() -> None:
    assert event_times([timed("a", 5), timed("b", "2024-03-04T00:00:00Z")]) == [5, 1_709_510_400_000]
    unreadable = event_times([b"", b"[]", timed("a", None), timed("a", 2**70), timed("a", "soon")])
    assert len(set(unreadable)) == 1
    assert unreadable[0] < -(2**62)


def test_no_room_to_sort_is_said_in_a_sentence(tmp_path: Path) -> None:
    lines = Lines.numbered([timed("a", 1), timed("b", 2)])
    with pytest.raises(SourceError, match="TMPDIR"):
        list(sort_lines([lines], memory_bytes=1, directory=str(tmp_path / "nowhere")))

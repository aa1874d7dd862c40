"""Partitions: as Kafka's own clients place keys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.columns import CODE, OBJECT, Batch, objects
from graph.interactions import Kind
from streams.partition import by_author, by_hash, by_subject, partition_of

# Kafka's own test vectors: org.apache.kafka.common.utils.UtilsTest.testMurmur2.
MURMUR2 = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


@pytest.mark.parametrize(("key", "hashed"), MURMUR2.items())
@pytest.mark.parametrize("partitions", [1, 2, 3, 8, 12, 1 << 20])
def test_a_key_has_the_partition_that_kafka_gives_it(key: str, hashed: int, partitions: int) -> None:
    assert partition_of(key, partitions) == (hashed & 0x7FFFFFFF) % partitions


@given(st.text(), st.integers(1, 100))
def test_every_key_has_a_partition(key: str, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions


NAMES = st.sampled_from(["ann", "bob", "cid", "é", "a:b"])
ROWS = st.lists(st.tuples(st.none() | NAMES, st.sampled_from(list(Kind)), NAMES), max_size=20)


def batch_of(rows: list[tuple[str | None, Kind, str]]) -> Batch:
    """Rows whose names stand in the pool more than once."""
    pool = [name or "" for row in rows for name in (row[0], row[2])]
    places = np.arange(len(rows), dtype=np.int32) * 2
    subject = np.where([row[0] is None for row in rows], np.int32(-1), places) if rows else places
    columns = {
        "subject": subject,
        "kind": np.array([row[1] for row in rows], np.uint8),
        "author": places + np.int32(1),
        "id": objects(range(len(rows))),
    }
    return Batch({"subject": CODE, "kind": "uint8", "author": CODE, "id": OBJECT}, columns, pool)


@given(ROWS, st.integers(1, 5))
def test_rows_go_to_the_partition_of_their_author(rows: list[tuple[str | None, Kind, str]], partitions: int) -> None:
    parts = by_author(batch_of(rows), partitions)
    assert [part["id"].tolist() for part in parts] == [
        [at for at, (_, _, author) in enumerate(rows) if partition_of(author, partitions) == number]
        for number in range(partitions)
    ]


@given(ROWS, st.integers(1, 5))
def test_rows_go_to_the_partition_of_their_subject_or_to_every_one(
    rows: list[tuple[str | None, Kind, str]], partitions: int
) -> None:
    parts = by_subject(batch_of(rows), partitions)
    assert [part["id"].tolist() for part in parts] == [
        [
            at
            for at, (subject, kind, _) in enumerate(rows)
            if subject is None or partition_of(f"{kind.name.lower()}:{subject}", partitions) == number
        ]
        for number in range(partitions)
    ]


@given(ROWS, st.integers(1, 5))
def test_within_one_process_each_row_has_one_place_too_and_a_subject_one(
    rows: list[tuple[str | None, Kind, str]], partitions: int
) -> None:
    parts = by_hash(batch_of(rows), partitions)
    homeless = [at for at, (subject, _, _) in enumerate(rows) if subject is None]
    found: list[int] = []
    for part in parts:
        here = part["id"].tolist()
        assert here == sorted(here)
        assert set(homeless) <= set(here)
        found += [at for at in here if at not in homeless]
    assert sorted([*found, *homeless]) == list(range(len(rows)))
    names = [{rows[at][0] for at in part["id"].tolist()} - {None} for part in parts]
    assert len(set().union(*names)) == sum(map(len, names))

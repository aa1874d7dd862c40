"""The neighbourhood of a subject: who else was there, and where it is at home."""

from typing import Any

import numpy as np
import pytest

from graph.columns import Array, Batch
from graph.events import Flag
from graph.hashing import stable_hash
from graph.interactions import Act, Kind
from graph.neighbourhood import (
    LARGEST_CIRCLE,
    LARGEST_CROWD,
    LARGEST_GRAPH,
    USUAL_REPORTS,
    Crowd,
    Surroundings,
    circle,
    crowd,
    kin_of,
    network,
    surroundings,
)
from graph.window import Window
from tests.helpers import columns_of

START = 5_000_000
Row = dict[str, Any]
BLANK: Row = {"kind": Kind.ACCOUNT, "act": Act.ADDRESS, "subject": "x", "target": "x", "views": -1, "created": -1}


def batch_of(rows: list[Row]) -> Batch:
    full = [{**BLANK, "time": 1_000 * row["tick"], "seen": 1_000 * row["tick"], **row} for row in rows]
    return columns_of(full)


def rows_of(window: Window, subject: str, kind: Kind) -> Array:
    """All rows of a subject."""
    ring = window.ring
    rows = np.arange(ring.first, ring.end)
    code = window.strings.code(subject)
    return np.asarray(rows[(ring.column("subject", rows) == code) & (ring.column("kind", rows) == kind)])


def looked(window: Window, subject: str = "x", kind: Kind = Kind.ACCOUNT) -> tuple[Crowd, Surroundings]:
    """The crowd that is every newcomer in the window, and what is around it."""
    rows = rows_of(window, subject, kind)
    came = rows[window.ring.column("newcomer", rows)]
    return crowd(window, came), surroundings(window, 4 * window.strings.code(subject) + kind, rows, came)


def window_of(rows: list[Row]) -> Window:
    window = Window(3_600, 172_800)
    window.add(batch_of([{"tick": START + at, "id": f"e{at}", **row} for at, row in enumerate(rows)]))
    return window


def test_who_is_around_is_counted_once_and_not_if_of_the_crowd() -> None:
    window = window_of(
        [
            {"author": "a", "home": "far"},
            {"author": "a"},
            {"author": "b"},
            {"author": "a", "act": Act.SHARE},
            {"author": "s", "act": Act.SHARE},
            {"author": "s", "act": Act.SHARE},
            {"author": "s", "act": Act.REACTION, "warmth": 1},
            {"author": "w", "act": Act.REACTION, "warmth": 1},
            {"author": "w", "act": Act.REACTION, "warmth": -1},
            {"author": "n", "act": Act.REACTION, "warmth": 0, "views": 70},
            {"author": "bot", "act": Act.SHARE, "flags": Flag.BOT},
            {"author": "r", "act": Act.REPORT},
            {"author": "a", "act": Act.OWN, "target": "a"},
            {"author": None, "act": Act.OWN, "target": None},
        ]
    )
    people, around = looked(window)
    assert (people.account, people.event, people.home) == (["a", "b"], ["e0", "e2"], ["far", None])
    assert (around.sharers, around.warm, around.cold, around.answers, around.views) == (1, 2, 1, 1, 70)
    assert (around.others, around.unseen, around.regulars) == (3, 3, 0)


MINE: Row = {"author": None, "act": Act.OWN, "home": "mine"}


@pytest.mark.parametrize(
    ("own", "place", "expected"),
    [
        ([], "there", {"there"}),
        ([], None, set()),
        ([MINE], "there", {"mine"}),
        ([{**MINE, "community": "stage"}], "stage", {"mine", "stage"}),
        ([{**MINE, "community": "stage"}], None, {"mine"}),
        ([{**MINE, "home": None, "community": "stage"}], None, {"stage"}),
        ([{**MINE, "community": "stage"}], "mine", {"mine"}),
        ([{**MINE, "community": "stage"}], "there", {"mine"}),
        ([{**MINE, "home": None, "community": "stage"}], "there", {"stage"}),
        ([{**MINE, "home": "old"}, MINE], "there", {"mine"}),
    ],
)
def test_where_an_account_is_at_home(own: list[Row], place: str | None, expected: set[str]) -> None:
    """Where it lives; and where it spoke last, if those who come to it speak there or it lives nowhere that is told."""
    talked_to = [{"author": f"a{at}", "community": place, "home": "far"} for at in range(3)]
    astray = {"author": "b", "community": "elsewhere", "home": "far"}
    rows = [*talked_to, astray] if place else talked_to
    assert looked(window_of([*own, *rows]))[1].at_home == expected


def test_a_community_is_its_own_home() -> None:
    window = window_of([{"author": "a", "kind": Kind.COMMUNITY, "subject": "c", "home": "far"}])
    assert looked(window, "c", Kind.COMMUNITY)[1].at_home == {"c"}


def test_a_home_of_which_only_the_window_knows_is_not_forgotten() -> None:
    window = Window(3_600, 172_800)
    own: Row = {"author": None, "act": Act.OWN, "target": None}
    window.add(batch_of([{**own, "tick": START, "id": "e0", "home": "old"}]))
    window.add(batch_of([{"tick": START + 3_000, "author": "a", "id": "e1"}]))
    window.add(batch_of([{**own, "tick": START + 3_500, "id": "e2", "home": "new"}]))
    window.add(
        batch_of(
            [
                {"tick": START + 3_700, "subject": f"s{at}", "target": None, "author": f"b{at}", "home": f"h{at}"}
                for at in range(22_000)
            ]
        )
    )
    window.expire(START + 3_700)
    window.add(batch_of([{"tick": START + 3_701, "author": "c", "id": "e3", "home": "other"}]))
    assert looked(window)[1].at_home == {"old"}


def test_of_a_great_crowd_a_sample_is_taken_that_depends_on_ids_alone() -> None:
    rows: list[Row] = [{"author": f"a{at}", "id": f"e{at}"} for at in range(LARGEST_CROWD + 500)]
    people, _ = looked(window_of(rows))
    mixed, _ = looked(window_of(rows[::-1]))
    assert (people.total, len(people), len(mixed)) == (LARGEST_CROWD + 500, LARGEST_CROWD, LARGEST_CROWD)
    assert sorted(people.event) == sorted(mixed.event)
    assert people.time.tolist() == sorted(people.time.tolist())


Edges = dict[frozenset[str], dict[str, int]]


def drawn(window: Window, subject: str, kind: Kind) -> tuple[set[str], Edges]:
    """Nodes and edges of the graph of everybody who came to a subject."""
    rows = rows_of(window, subject, kind)
    people = crowd(window, rows[window.ring.column("newcomer", rows)])
    graph = network(window, 4 * window.strings.code(subject) + kind, rows, people)
    return set(graph), {frozenset(pair): told for *pair, told in graph.edges(data=True)}


def lately(*others: str) -> Row:
    return {f"recent{at}": np.uint64(stable_hash(name)).view(np.int64) for at, name in enumerate(others)}


def test_the_graph_of_a_thread_holds_everybody_who_spoke_to_whom_and_what_they_share() -> None:
    thread: Row = {"kind": Kind.THREAD, "subject": "t"}
    nodes, edges = drawn(
        window_of(
            [
                {**thread, "author": "a", "target": "host", **lately("p", "q")},
                {**thread, "author": "b", "target": "a", **lately("q", "p", "r")},
                {**thread, "author": "c", "target": "b", **lately("r")},
                {**thread, "author": "a", "target": "b"},
                {**thread, "author": "d", "target": "host", **lately("z", "y")},
                {**thread, "author": "d", "target": "c", "act": Act.REACTION},
                {**thread, "author": "bot", "target": "a", "flags": Flag.BOT},
                {**thread, "author": "e", "target": "e"},
                {"author": "d", "subject": "b", "target": "b"},
            ]
        ),
        "t",
        Kind.THREAD,
    )
    assert nodes == {"a", "b", "c", "d", "e"}
    assert edges == {frozenset("ab"): {"shared": 2, "said": 2}, frozenset("bc"): {"said": 1}}


def test_in_the_graph_of_an_account_those_are_joined_who_answered_each_other_in_its_threads() -> None:
    nodes, edges = drawn(
        window_of(
            [
                {"author": "a"},
                {"author": "b"},
                {"author": "b", "target": "a", "act": Act.THREAD},
                {"author": "guest", "target": "a", "act": Act.THREAD},
                {"author": "a", "target": "a", "act": Act.OWN},
            ]
        ),
        "x",
        Kind.ACCOUNT,
    )
    assert (nodes, edges) == ({"a", "b"}, {frozenset("ab"): {"said": 1}})


def test_of_a_great_crowd_as_many_are_drawn_as_one_can_look_at() -> None:
    rows: list[Row] = [{"author": f"a{at}"} for at in range(LARGEST_GRAPH + 50)]
    said: list[Row] = [{"author": f"a{at + 1}", "target": f"a{at}", "act": Act.THREAD} for at in range(len(rows) - 1)]
    nodes, edges = drawn(window_of([*rows, *said]), "x", Kind.ACCOUNT)
    assert len(nodes) == LARGEST_GRAPH
    assert set(edges) == {
        frozenset(pair) for pair in ((row["author"], row["target"]) for row in said) if nodes.issuperset(pair)
    }


def test_others_are_a_side_when_the_crowd_and_they_address_each_other() -> None:
    thread: Row = {"act": Act.THREAD}
    said: list[Row] = [
        {"author": "a"},
        {**thread, "author": "a", "target": "resident"},
        {**thread, "author": "a", "target": "silent"},
        {**thread, "author": "friend", "target": "a"},
        {"author": "a", "target": "x", "act": Act.OWN},
    ]
    assert looked(window_of(said))[1].mutual == 0
    assert looked(window_of([*said, {**thread, "author": "resident", "target": "a"}]))[1].mutual == 1


def test_whom_the_subject_addressed_first_where_the_crowd_speaks_is_another_side() -> None:
    mine = {"act": Act.OWN, "target": None, "thread": "t"}
    window = window_of(
        [
            {"author": "a", "thread": "t"},
            {"author": "foe", **mine},
            {"author": "foe", **mine},
            {"author": "a", **mine},
            {"author": "friend", **mine, "thread": "elsewhere"},
            *({"author": name, "thread": "t"} for name in "bcdefgh"),
        ]
    )
    assert looked(window)[1].mutual == 1


@pytest.mark.parametrize(("said", "mutual"), [(4, 0), (5, 1), (9, 5)])
def test_who_says_more_than_one_who_is_attacked_answers_is_a_side(said: int, mutual: int) -> None:
    came: list[Row] = [{"author": name, "thread": "t"} for name in "abcdefghij"]
    mine = {"act": Act.OWN, "target": None, "thread": "t"}
    answers: list[Row] = [{"author": "abcdefghij"[at], **mine} for at in range(said)]
    assert looked(window_of([*came, *answers]))[1].mutual == mutual
    elsewhere = [{**one, "thread": "elsewhere"} for one in answers]
    assert looked(window_of([*came, *elsewhere]))[1].mutual == 0


def test_those_who_answer_the_crowd_stand_beside_the_subject_and_those_it_answers_itself_do_not() -> None:
    thread: Row = {"act": Act.THREAD}
    _, around = looked(
        window_of(
            [
                {"author": "a", "home": "p"},
                {"author": "b", "home": "q"},
                {**thread, "author": "friend", "target": "a"},
                {**thread, "author": "friend", "target": "b"},
                {**thread, "author": "other", "target": "nobody"},
                {**thread, "author": "b", "target": "a", "home": "q"},
                {**thread, "author": "a", "target": "a", "home": "p"},
                {**thread, "author": "bot", "target": "a", "flags": Flag.BOT},
                {"author": "c", "act": Act.REPORT},
                {"author": "c", "act": Act.REPORT},
                {"author": "d", "act": Act.REPORT, "reports": USUAL_REPORTS},
            ]
        )
    )
    assert (around.defenders, around.mutual, around.reporters) == (1, 1, 1.5)


def circle_of(rows: list[Row], before: int) -> list[int] | None:
    window = window_of(rows)
    found = circle(window, 4 * window.strings.code("x") + Kind.ACCOUNT, 1_000 * before)
    return None if found is None else sorted(found.tolist())


def hashed(*names: str) -> list[int]:
    return sorted(np.array([stable_hash(name) for name in names], np.uint64).view(np.int64).tolist())


def test_the_circle_of_a_subject_is_whom_it_had_dealings_with_either_way_before() -> None:
    rows: list[Row] = [
        {"author": "fan", "act": Act.SHARE},
        {"author": "pal"},
        {"author": "idol", "act": Act.OWN_SHARE},
        {"author": "addressed", "act": Act.OWN},
        {"author": "elsewhere", "subject": "y"},
        {"author": "late"},
    ]
    assert circle_of(rows, START + 5) == hashed("fan", "pal", "idol", "addressed")
    assert circle_of(rows, START) == []


def test_of_a_circle_that_is_everybody_nothing_is_told() -> None:
    many: list[Row] = [{"author": f"a{at}", "tick": START} for at in range(LARGEST_CIRCLE + 1)]
    assert circle_of(many, START + 1) is None
    assert kin_of(looked(window_of(many[:5]))[0], None).tolist() == [-1.0] * 5


def test_kin_are_those_who_lately_dealt_with_somebody_of_the_circle() -> None:
    liked = {"liked2": np.uint64(stable_hash("fan")).view(np.int64)}
    rows: list[Row] = [
        {"author": "a", **lately("pal")},
        {"author": "b", **lately("who")},
        {"author": "c"},
        {"author": "d", **liked},
    ]
    people, _ = looked(window_of(rows))
    assert kin_of(people, np.array(hashed("pal", "fan"))).tolist() == [1.0, 0.0, -1.0, 1.0]
    assert kin_of(people, np.zeros(0, np.int64)).tolist() == [0.0, 0.0, -1.0, 0.0]

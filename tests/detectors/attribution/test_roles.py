"""Roles: who attacks, who defends, who only stands by; nobody is accused without evidence of his own."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.attribution.messages import Message
from detectors.attribution.roles import Played, Record, Role, roles
from detectors.reading import Reading

LIKELY = 0.9996


def said(record: Record, hostility: float | None, aim: str | None = None, **other: Any) -> Record:
    """Let somebody say one thing more; `kind` tells of words of support."""
    kind, doubtful = other.pop("kind", False), other.pop("doubtful", False)
    message = Message(record.account, f"{record.account}-{record.said}", 0, aim, False, True, True, False, None)
    reading = Reading(hostility, kind, ()) if hostility is not None else None
    record.note(message._replace(**other), reading, doubtful=doubtful)
    return record


def somebody(name: str, *hostilities: float | None) -> Record:
    record = Record(name)
    for hostility in hostilities:
        said(record, hostility)
    return record


def role_of(record: Record, others: list[Record], probability: float = LIKELY) -> Role:
    return {one.account: one.role for one in roles([*others, record], probability)}[record.account]


def crowd(size: int = 40, abusive: float = 0.8) -> list[Record]:
    return [somebody(f"a{at}", 0.97 if at < abusive * size else 0.05) for at in range(size)]


def test_who_abuses_the_target_in_a_hostile_crowd_is_an_attacker() -> None:
    found = {one.account: one for one in roles(crowd(), LIKELY)}
    assert [found[f"a{at}"].role for at in range(40)] == [Role.ATTACKER] * 32 + [Role.BYSTANDER] * 8
    assert found["a0"].events == ["a0-0"]
    assert found["a0"].confidence > 0.8


@pytest.mark.parametrize("probability", [0.0, 0.01, 0.049])
def test_in_what_is_no_pile_on_nobody_attacks(probability: float) -> None:
    assert {one.role for one in roles(crowd(), probability)} == {Role.BYSTANDER}


def test_one_rather_hostile_message_is_enough_only_in_a_hostile_crowd() -> None:
    assert role_of(somebody("x", 0.85), crowd(abusive=0.8)) is Role.ATTACKER
    assert role_of(somebody("x", 0.85), crowd(abusive=0.0)) is Role.BYSTANDER


def test_what_somebody_says_over_time_adds_up() -> None:
    calm = crowd(abusive=0.0)
    found = [role_of(somebody("x", *[0.8] * count), calm) for count in range(1, 6)]
    assert found[0] is Role.BYSTANDER
    assert found[-1] is Role.ATTACKER
    assert found == sorted(found, reverse=True)


def test_who_is_rude_to_an_attacker_is_none() -> None:
    rude = said(Record("x", near=True), 0.99, aim="a0")
    assert role_of(rude, crowd()) is Role.DEFENDER
    assert role_of(said(rude, 0.99, aim="a1"), crowd()) is Role.DEFENDER


def test_beneath_what_somebody_said_the_same_words_weigh_less_and_least_of_one_near_the_target() -> None:
    direct, stranger, friend = somebody("x", 0.95), Record("x"), Record("x")
    said(stranger, 0.95, beneath=True)
    said(friend, 0.95, beneath=True, near=True)
    assert direct.hostile > stranger.hostile > friend.hostile
    assert role_of(friend, crowd()) is Role.BYSTANDER


def test_who_answers_an_attacker_must_be_hostile_to_the_target_more_than_once_to_be_one() -> None:
    once = said(somebody("x", 0.99), 0.3, aim="a0")
    assert role_of(once, crowd()) is not Role.ATTACKER
    assert role_of(said(once, 0.99), crowd()) is Role.ATTACKER


def test_who_answers_an_attacker_and_supports_the_target_is_a_defender() -> None:
    one = said(said(Record("x"), 0.9, aim="a0"), 0.1, kind=True)
    assert role_of(one, crowd()) is Role.DEFENDER


def test_who_cannot_be_told_is_a_bystander() -> None:
    for one in (somebody("x", None), somebody("x", 0.05), somebody("x", 0.5), said(Record("x"), 0.9, aim="someone")):
        assert role_of(one, crowd()) is Role.BYSTANDER


def test_a_like_does_not_buy_silence_nor_make_a_defender() -> None:
    liker = somebody("x", 0.98, 0.98)
    liker.warm = True
    assert role_of(liker, crowd()) is Role.ATTACKER
    bystander = somebody("y", 0.3)
    bystander.warm = True
    assert role_of(bystander, crowd()) is Role.BYSTANDER


def test_the_same_words_of_many_are_evidence_in_a_likely_pile_on_alone() -> None:
    bots = [somebody(f"b{at}", 0.3) for at in range(30)]
    for one in bots:
        one.same_text, one.same_hostile = 30, 0.3
    assert {one.role for one in roles(bots, 0.99999)} == {Role.ATTACKER}
    assert {one.role for one in roles(bots, 0.45)} == {Role.BYSTANDER}


def test_a_catchword_of_some_in_a_mixed_crowd_accuses_none_of_them() -> None:
    glad = [somebody(f"g{at}", 0.1) for at in range(60)]
    for one in glad[:20]:
        one.same_text, one.same_hostile = 20, 0.1
    found = {one.account: one.role for one in roles([*glad, *crowd()], 0.99999)}
    assert {found[one.account] for one in glad} == {Role.BYSTANDER}
    assert found["a0"] is Role.ATTACKER


@pytest.mark.parametrize(("hostility", "role"), [(0.85, Role.BYSTANDER), (0.97, Role.ATTACKER)])
def test_words_of_some_that_are_not_surely_hostile_accuse_none_of_them(hostility: float, role: Role) -> None:
    some = [said(Record(f"g{at}"), hostility, doubtful=hostility < 0.9) for at in range(20)]
    for one in some:
        one.same_text, one.same_hostile = 20, hostility
    found = {one.account: one.role for one in roles([*some, *crowd()], 0.99999)}
    assert {found[one.account] for one in some} == {role}
    assert found["a0"] is Role.ATTACKER


def test_the_same_words_of_support_accuse_nobody() -> None:
    friends = [said(Record(f"f{at}"), 0.1, kind=True) for at in range(30)]
    for one in friends:
        one.same_text, one.same_hostile = 30, 0.1
    assert Role.ATTACKER not in {one.role for one in roles(friends, 0.99)}


def test_without_anything_to_judge_words_by_nobody_is_accused() -> None:
    silent = [somebody(f"a{at}", None) for at in range(50)]
    assert {one.role for one in roles(silent, 0.999)} == {Role.BYSTANDER}


def test_where_nobody_attacks_nobody_defends() -> None:
    warm = [said(Record(f"f{at}"), 0.02, kind=True) for at in range(20)]
    assert {one.role for one in roles(warm, 0.5)} == {Role.BYSTANDER}


RECORDS = st.lists(
    st.lists(
        st.tuples(st.none() | st.floats(0, 1), st.none() | st.integers(0, 11), st.booleans()), min_size=1, max_size=4
    ),
    min_size=1,
    max_size=12,
)


def drawn(plan: list[list[tuple[float | None, int | None, bool]]]) -> list[Record]:
    records = []
    for at, messages in enumerate(plan):
        record = Record(f"p{at}")
        for hostility, aim, kind in messages:
            said(record, hostility, aim=None if aim is None else f"p{aim}", kind=kind)
        records.append(record)
    return records


@given(RECORDS, st.floats(0, 1))
def test_attackers_have_evidence_against_the_target(
    plan: list[list[tuple[float | None, int | None, bool]]], probability: float
) -> None:
    records = drawn(plan)
    found = roles(records, probability)
    assert [one.account for one in found] == [one.account for one in records]
    for one, record in zip(found, records, strict=True):
        assert 0.0 <= one.confidence <= 1.0
        if one.role is Role.ATTACKER:
            assert record.blows
            assert one.events[0] in record.events


@given(RECORDS, st.integers(0, 11), st.floats(0.3, 1))
def test_one_more_hostile_message_never_clears_its_author(
    plan: list[list[tuple[float | None, int | None, bool]]], whom: int, probability: float
) -> None:
    before, after = drawn(plan), drawn(plan)
    whom %= len(plan)
    said(after[whom], 0.99)
    if roles(before, probability)[whom].role is Role.ATTACKER:
        assert roles(after, probability)[whom].role is Role.ATTACKER


def test_eighty_attackers_and_thirty_defenders_are_told_apart() -> None:
    """The model sees four fifths of the abuse and takes one ordinary message in fifty for it."""
    named, right, attackers, defenders, accused = 0, 0, 0, 0, 0
    for seed in range(20):
        chance = random.Random(seed)

        def heard(abusive: bool, chance: random.Random = chance) -> float:
            if abusive:
                return chance.choice((0.98, 0.98, 0.95, 0.9, 0.3))
            return 0.9 if chance.random() < 0.02 else 0.1

        records = []
        for at in range(80):
            record = Record(f"a{at}")
            while True:
                aim = f"a{chance.randrange(80)}" if chance.random() < 0.1 else None
                said(record, heard(aim is None and chance.random() < 0.8), aim=aim)
                if chance.random() < 0.7:
                    break
            records.append(record)
        for at in range(30):
            record = Record(f"d{at}", near=chance.random() < 0.5)
            said(record, heard(chance.random() < 0.3), aim=f"a{chance.randrange(80)}")
            if chance.random() < 0.4:
                said(record, heard(False), kind=chance.random() < 0.5)
            records.append(record)
        found: list[Played] = [one for one in roles(records, LIKELY) if one.role is Role.ATTACKER]
        named, attackers, defenders = named + len(found), attackers + 80, defenders + 30
        right += sum(one.account.startswith("a") for one in found)
        accused += sum(one.account.startswith("d") for one in found)
    assert right / named >= 0.95
    assert right / attackers >= 0.6
    assert accused / defenders <= 0.02

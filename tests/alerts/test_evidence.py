"""The digest chain: whoever has the interactions can check it, and nothing in it can be changed unnoticed."""

import hashlib
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.evidence import LISTED, Chain, ChainState, text_hash
from streams.state import decode, encode

SALT = "salt"
TEXTS = st.none() | st.text(max_size=8)


class Item(NamedTuple):
    event: str
    time_ms: int
    author: str
    text: str | None


ITEMS = st.builds(Item, st.text(min_size=1, max_size=4), st.integers(0, 2**41), st.text(min_size=1, max_size=4), TEXTS)
REVISIONS = st.lists(st.lists(ITEMS, max_size=5), min_size=1, max_size=4)


def sealed(revisions: list[list[Item]], salt: str = SALT) -> list[str]:
    chain = Chain(salt)
    digests = []
    for items in revisions:
        for item in items:
            chain.add(*item)
        before = chain.digest
        chain.seal()
        assert chain.previous == before
        digests.append(chain.digest)
    return digests


def recomputed(revisions: list[list[Item]]) -> list[str]:
    digest, digests = "", []
    for items in revisions:
        covered = b""
        for item in items:
            hashed = ""
            if item.text is not None:
                hashed = hashlib.sha256(f"{SALT}\0{item.event}\0{item.text}".encode()).hexdigest()
            parts = [part.encode() for part in (item.event, str(item.time_ms), item.author, hashed)]
            line = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
            covered = hashlib.sha256(covered + line).digest()
        digest = hashlib.sha256(f"{digest}\0{covered.hex()}\x000\0".encode()).hexdigest()
        digests.append(digest)
    return digests


@given(REVISIONS)
def test_the_chain_verifies_by_recomputation(revisions: list[list[Item]]) -> None:
    assert sealed(revisions) == recomputed(revisions)


@given(REVISIONS)
def test_a_chain_goes_on_from_its_state(revisions: list[list[Item]]) -> None:
    whole, chain = Chain(SALT), Chain(SALT)
    for items in revisions:
        for item in items:
            whole.add(*item)
            chain.add(*item)
            state, chain = chain.state, Chain(SALT)
            chain.state = decode(encode(state), ChainState)
        assert chain.seal() == whole.seal()
        assert chain.state == whole.state


@given(REVISIONS.filter(any), st.data())
def test_any_change_breaks_it_from_there_on(revisions: list[list[Item]], data: st.DataObject) -> None:
    number = data.draw(st.sampled_from([at for at, items in enumerate(revisions) if items]))
    items = revisions[number]
    place = data.draw(st.integers(0, len(items) - 1))
    one = items[place]
    changed = data.draw(
        st.sampled_from(
            [
                [one._replace(event=one.event + "x")],
                [one._replace(time_ms=one.time_ms + 1)],
                [one._replace(author=one.author + "x")],
                [one._replace(text=(one.text or "") + "x")],
                [],
                [one, one],
            ]
        )
    )
    other = [*revisions[:number], [*items[:place], *changed, *items[place + 1 :]], *revisions[number + 1 :]]
    before, after = sealed(revisions), sealed(other)
    assert before[:number] == after[:number]
    assert all(one != two for one, two in zip(before[number:], after[number:], strict=True))


def test_what_moves_between_neighbouring_fields_is_a_change() -> None:
    assert sealed([[Item("ab", 1, "c", None)]]) != sealed([[Item("a", 1, "bc", None)]])
    assert sealed([[Item("a", 12, "c", None)]]) != sealed([[Item("a", 1, "2c", None)]])
    assert sealed([[Item("a", 1, "c", "")]]) != sealed([[Item("a", 1, "c", None)]])


def test_a_text_is_hidden_by_salt_and_event() -> None:
    assert len({text_hash("s1", "e1", "zip"), text_hash("s2", "e1", "zip"), text_hash("s1", "e2", "zip"), "zip"}) == 4
    assert text_hash("s1", "e1", None) == ""


@pytest.mark.parametrize("count", [0, 1, LISTED, LISTED + 1])
def test_a_revision_names_its_first_events(count: int) -> None:
    chain = Chain(SALT)
    for number in range(count):
        chain.add(f"e{number}", 1_000 - number, "ann", None)
    assert chain.seal() == [f"e{number}" for number in range(min(count, LISTED))]
    assert chain.seal() == []
    assert (chain.first, chain.last) == ((1_001 - count, 1_000) if count else (None, None))

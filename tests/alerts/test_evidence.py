"""The digest chain: whoever has the interactions can check it, and nothing in it can be changed unnoticed."""

import hashlib
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.evidence import LISTED, SAMPLED, TEXT_BYTES, WHOLE, Chain, ChainState, covering, evident, sealing, text_hash
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


def kept_of(events: int, authors: int) -> tuple[list[str], list[str]]:
    """Of so many interactions the kept ones and those that are not, and that the chain is made of both."""
    chain, seen, kept, left = Chain(SALT), set[int](), list[str](), list[str]()
    covered = omitted = b""
    for number in range(events):
        author = number * number % authors
        hashed = chain.add(f"e{number}", number, f"a{author}", None, is_first=author not in seen)
        assert author in seen or hashed is not None
        seen.add(author)
        if hashed is None:
            omitted = covering(omitted, f"e{number}", number, f"a{author}", "")
            left.append(f"e{number}")
        else:
            covered = covering(covered, f"e{number}", number, f"a{author}", hashed)
            kept.append(f"e{number}")
    chain.seal()
    assert (chain.omitted.interactions, chain.omitted.digest) == (len(left), omitted.hex())
    assert chain.digest == sealing("", covered, chain.omitted)
    return kept, left


def test_of_a_long_episode_the_first_are_kept_and_a_sample_of_the_others() -> None:
    kept, left = kept_of(20_000, 50)
    assert kept[:WHOLE] == [f"e{number}" for number in range(WHOLE)]
    assert WHOLE * 1.2 < len(kept) < WHOLE * 1.7
    assert len(kept) + len(left) == 20_000


def test_however_long_it_is_no_more_are_kept_than_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.evidence.stable_hash", lambda _: 0)
    kept, _ = kept_of(WHOLE + SAMPLED + 3_000, 50)
    assert len(kept) == WHOLE + SAMPLED


def test_a_short_episode_is_kept_whole() -> None:
    assert kept_of(WHOLE, 7)[1] == []


@given(st.text(max_size=40), st.integers(1, 600))
def test_a_text_is_evidence_as_far_as_its_first_bytes(text: str, times: int) -> None:
    said = text * times
    assert len(evident(said).encode()) <= TEXT_BYTES
    assert said.startswith(evident(said))
    assert len(said.encode()) > TEXT_BYTES or evident(said) == said
    assert text_hash(SALT, "e", said) == text_hash(SALT, "e", evident(said))

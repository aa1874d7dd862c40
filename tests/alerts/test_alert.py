"""Alert v1: every field that is promised, in bytes that are the same again, and never too many of them."""

import json
import math
from dataclasses import replace
from typing import Any

import jsonschema
import numpy as np
import pytest

from alerts.alert import LARGEST, Engine, Revision, write
from alerts.episode import Episode, Participation
from alerts.messages import CATALOGUE, say
from detectors.look import Finding, Scene, examine
from detectors.model import shipped
from detectors.signals import Audience
from detectors.slow import SLOW_WINDOWS_S
from detectors.surge import Surge, Usual
from graph.events import TargetFlag
from graph.interactions import Kind
from graph.neighbourhood import Crowd, Surroundings
from tests.helpers import no_words

TICK = 1_709_510_400
MODEL = shipped()
ENGINE = Engine("1.2.3", "0123456789abcdef", MODEL.name)
COUNT = {"type": "integer", "minimum": 0}
TIME = {"type": "integer", "minimum": 946_684_800_000}
TEXT = {"type": "string", "minLength": 1}
SHARE = {"type": "number", "minimum": 0, "maximum": 1}
DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
IDS = {"type": "array", "items": TEXT}


AROUND = Surroundings(
    sharers=3,
    warm=2,
    cold=1,
    answers=4,
    views=100,
    at_home=frozenset({"own"}),
    regulars=5,
    others=8,
    unseen=1,
    shown=2.0,
    reporters=1.0,
    mutual=1,
    defenders=1,
)


def fields(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def many(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


ALERT = fields(
    schema={"const": "breakwater.alert/1"},
    id=TEXT,
    revision={"type": "integer", "minimum": 1},
    status={"enum": ["open", "escalating", "peaking", "subsiding", "resolved", "retracted"]},
    verdict={"enum": ["pile_on", "organic_surge", "uncertain"]},
    severity={"enum": ["info", "low", "medium", "high", "critical"]},
    score=SHARE,
    base={"type": "number"},
    target=fields(
        kind={"enum": ["account", "thread", "community"]},
        id=TEXT,
        flags=many({"enum": ["minor", "protected", "moderator", "public_figure", "organisation"]}),
    ),
    started_at=TIME,
    detected_at=TIME,
    updated_at=TIME,
    ended_at={"anyOf": [TIME, {"type": "null"}]},
    participants=fields(
        total=COUNT, strangers=COUNT, fresh_accounts=COUNT, attackers=COUNT, defenders=COUNT, bystanders=COUNT
    ),
    interactions=fields(total=COUNT, per_minute={"type": "number", "minimum": 0}, window_ms=COUNT),
    signals=many(
        fields(
            name=TEXT,
            value={"type": "number"},
            baseline={"type": "number"},
            contribution={"type": "number"},
            code=TEXT,
            parameters={"type": "object"},
        )
    ),
    sources=many(fields(community=TEXT, share=SHARE, expected=SHARE, lift={"type": "number", "minimum": 0})),
    instigators=many(fields(account=TEXT, score={"type": "number"}, evidence=IDS)),
    roles=many(
        fields(
            account=TEXT,
            role={"enum": ["attacker", "defender", "bystander", "instigator"]},
            confidence=SHARE,
            events=IDS,
        )
    ),
    groups=many(fields(accounts=IDS, how=TEXT, evidence=IDS)),
    evidence=fields(
        events=IDS, digest=DIGEST, previous_digest={"anyOf": [DIGEST, {"type": "null"}]}, first=TIME, last=TIME
    ),
    protections=many(fields(action=TEXT, reason=TEXT, parameters={"type": "object"}, until=TIME)),
    forecast={"anyOf": [{"type": "null"}, fields(peak_at=TIME, participants=COUNT)]},
    quality=fields(late=COUNT, mended=COUNT, degraded={"type": "array"}),
    engine=fields(version=TEXT, config_digest=TEXT, model=TEXT),
)


def finding_of(name_of: Any = str, size: int = 40, members: int = 40, **other: Any) -> Finding:
    """A crowd of `members`, in groups who were together before, each from a community of its own but for the half."""
    time = 1000 * TICK + np.arange(members)
    crowd = Crowd(
        total=size,
        time=time,
        first=time,
        account=[name_of(f"a{number}") for number in range(members)],
        event=[name_of(f"e{number}") for number in range(members)],
        home=[name_of("far" if number % 2 else f"c{number}") for number in range(members)],
        created=np.full(members, -1),
        seen=time,
        activity=np.zeros(members, np.int64),
        recent=np.repeat(np.arange(1, members // 8 + 2), 8)[:members, None] * 10 + np.array([[1, 2, 3, 4]]),
        liked=np.zeros((members, 3), np.int64),
        kin=np.zeros(members),
        audience=np.zeros(members),
        target=["x"] * members,
        thread=[None] * members,
        reporter=np.zeros(members, bool),
    )
    scene = Scene(
        tick=TICK + 60,
        onset_ms=1000 * TICK,
        subject="x",
        kind=Kind.ACCOUNT,
        crowd=crowd,
        around=AROUND,
        audience=Audience(AROUND.at_home, {}, 0.0),
        surge=Surge(600, size, 0.1, 12.0),
        usual=Usual(0.1, 0.5),
        words=no_words(len(crowd)),
        kin=np.full(len(crowd), -1.0),
        acquainted=None,
        target_flags=0,
        known_ms=10**10,
    )
    return examine(replace(scene, **other), MODEL)


def revision_of(finding: Finding, size: int = 40, name_of: Any = str, subject: str = "x") -> Revision:
    episode = Episode("account", subject, finding, MODEL, "salt")
    episode.on_finding(finding)
    said = [
        Participation(name_of(f"a{at}"), name_of(f"e{at}"), 1000 * TICK + at, "zip", True, False, False, False)
        for at in range(size)
    ]
    episode.count(finding.scene.tick, said)
    events = episode.revise(finding.scene.tick)
    assert events is not None
    return write(episode, finding.scene.tick, events, ENGINE)


def test_an_alert_has_every_field_that_is_promised() -> None:
    alert = json.loads(revision_of(finding_of()).body)
    jsonschema.validate(alert, ALERT)
    assert (alert["revision"], alert["status"], alert["severity"]) == (1, "open", "medium")
    assert alert["participants"] == {
        "total": 40, "strangers": 40, "fresh_accounts": 0, "attackers": 0, "defenders": 0, "bystanders": 0
    }  # fmt: skip
    assert alert["started_at"] == 1000 * TICK
    assert alert["detected_at"] == alert["updated_at"] == 1000 * (TICK + 61)
    assert alert["evidence"]["events"] == [f"e{at}" for at in range(40)]
    assert (alert["evidence"]["first"], alert["evidence"]["last"]) == (1000 * TICK, 1000 * TICK + 39)
    assert alert["engine"] == {"version": "1.2.3", "config_digest": "0123456789abcdef", "model": MODEL.name}
    assert alert["groups"]
    assert alert["sources"][0]["community"] == "far"


def test_a_revision_tells_without_decoding_what_its_bytes_tell() -> None:
    revision = revision_of(finding_of())
    alert = json.loads(revision.body)
    assert (revision.id, revision.revision, revision.status, revision.verdict, revision.kind, revision.subject) == (
        alert["id"], alert["revision"], alert["status"], alert["verdict"], alert["target"]["kind"], alert["target"]["id"]
    )  # fmt: skip
    assert (revision.score, revision.participants) == (alert["score"], alert["participants"]["total"])


def test_the_same_episode_gives_the_same_bytes() -> None:
    assert revision_of(finding_of()).body == revision_of(finding_of()).body


def test_flags_are_told_by_name() -> None:
    flags = TargetFlag.MINOR | TargetFlag.PUBLIC_FIGURE
    alert = json.loads(revision_of(finding_of(target_flags=flags)).body)
    assert alert["target"]["flags"] == ["minor", "public_figure"]


def test_what_says_most_comes_first_and_can_be_said() -> None:
    alert = json.loads(revision_of(finding_of()).body)
    weights = [abs(signal["contribution"]) for signal in alert["signals"]]
    assert weights == sorted(weights, reverse=True)
    assert {signal["name"] for signal in alert["signals"]} == set(MODEL.spoken.weights)
    for signal in alert["signals"]:
        sentence = say(signal["code"], signal["parameters"])
        assert sentence
        assert "{" not in sentence
        assert all(str(value) in sentence for value in signal["parameters"].values())


def test_the_score_is_the_sum_of_what_every_signal_added_to_where_a_crowd_starts() -> None:
    alert = json.loads(revision_of(finding_of()).body)
    odds = alert["base"] + sum(signal["contribution"] for signal in alert["signals"])
    assert alert["score"] == pytest.approx(1 / (1 + math.exp(-odds)), abs=0.001)
    assert alert["base"] == MODEL.silent.intercept


def test_every_sentence_can_be_said_and_no_other() -> None:
    findings = [
        finding_of(),
        finding_of(around=replace(AROUND, sharers=40)),
        finding_of(surge=Surge(SLOW_WINDOWS_S[0], 40, 0.1, 12.0)),
        finding_of(words=replace(no_words(40), hostile=np.full(40, 0.9), texts=np.ones(40, int))),
        finding_of(audience=Audience(frozenset({"far", *(f"c{number}" for number in range(40))}), {}, 0.0)),
    ]
    alerts = [json.loads(revision_of(finding).body) for finding in findings]
    assert {signal["code"] for alert in alerts for signal in alert["signals"]} == {
        code for code in CATALOGUE if not code.startswith("protect.")
    }
    with pytest.raises(LookupError):
        say("surge.unheard_of", {})


HOSTILE = {
    "long": lambda name: name + "x" * (512 - len(name)),
    "every byte escaped": lambda name: name + "\x01" * (512 - len(name)),
    "quotes": lambda name: name + '"' * (512 - len(name)),
    "braces": lambda name: name + "{0}{a}"[: 512 - len(name)],
}


@pytest.mark.parametrize("name_of", HOSTILE.values(), ids=HOSTILE)
def test_an_alert_is_never_too_large(name_of: Any) -> None:
    finding = finding_of(name_of, size=3_000, members=1_000)
    body = revision_of(finding, 3_000, name_of, name_of("x")).body
    assert len(body) <= LARGEST == 256_000
    alert = json.loads(body)
    jsonschema.validate(alert, ALERT)
    assert alert["participants"]["total"] == 3_000
    assert all(say(signal["code"], signal["parameters"]) for signal in alert["signals"])

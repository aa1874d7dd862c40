"""What the pages say of topics: the README's table, and the diagram at the head of the topology."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from alerts.alert import Engine
from detectors.model import shipped
from streams import topology
from streams.kafka.names import OWN, Stage, Use, full, group, topics, uses
from streams.kafka.options import KafkaSettings
from streams.kafka.page import table
from streams.settings import load
from streams.status import WorkerStatus
from streams.topology import STAGES, Deployment, Layout

README = Path(__file__).resolve().parents[3] / "README.md"
NAMES = r"[\w.]+(?:, [\w.]+)*"


def named(words: str) -> frozenset[str]:
    """Topics by their names in the diagram, where a dot to begin with stands for `breakwater.`."""
    return frozenset(OWN + word[1:] if word.startswith(".") else word for word in words.split(", "))


def drawn() -> dict[Stage, Use]:
    """What the diagram says each stage reads and writes.

    To the right an arrow leads from topics to a stage or from a stage to topics. Below a stage, a line down leads to
    what it writes too, an arrow up from what it reads too, and a double arrow to what it both reads and writes.
    """
    lines = [line for line in (topology.__doc__ or "").split("\n\n")[1].splitlines() if line.strip()]
    reads: dict[Stage, frozenset[str]] = defaultdict(frozenset)
    writes: dict[Stage, frozenset[str]] = defaultdict(frozenset)
    for at, first in enumerate(lines):
        chain, below = list(re.finditer(NAMES, first)), lines[at + 1 :]
        if len(chain) < 3 or chain[1][0] not in set(Stage):
            continue
        for before, stage, after in zip(chain[::2], chain[1::2], chain[2::2], strict=False):
            name = Stage(stage[0])
            reads[name] |= named(before[0])
            writes[name] |= named(after[0])
            for column in range(stage.start(), stage.end()):
                signs = [line[column : column + 1] for line in below]
                way = next((sign for sign in signs if sign.strip()), "")
                if way == "└":
                    writes[name] |= named(re.findall(NAMES, below[signs.index(way)][column:])[0])
                elif way in {"│", "⇅", "▲"}:
                    found = next(
                        match[0]
                        for line in below
                        for match in re.finditer(NAMES, line)
                        if match.start() <= column < match.end()
                    )
                    writes[name] |= named(found) if way != "▲" else frozenset()
                    reads[name] |= named(found) if way != "│" else frozenset()
    return {stage: Use(reads[stage], writes[stage]) for stage in reads}


def test_the_readme_has_the_table_of_topics() -> None:
    shown = re.search(r"<!-- topics -->\n(.*?)<!-- /topics -->", README.read_text(encoding="utf-8"), re.DOTALL)

    assert shown
    assert shown[1] == table(KafkaSettings()), "`python -m streams.kafka.page` prints what belongs there"


def test_the_table_names_every_topic_of_a_deployment_as_it_is_set() -> None:
    kafka = KafkaSettings(
        sources=("likes", "posts"), routes={"share": "likes"}, partitions=3, interactions_retention_h=50
    )
    head, _, *rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table(kafka).splitlines()]
    found = {row[0].strip("`"): dict(zip(head, row, strict=True)) for row in rows}

    assert list(found) == [topic.name for topic in topics(kafka)]
    assert "share" in found["likes"]["what"]
    assert found["breakwater.interactions"]["kept"] == "50 hours"
    assert found["breakwater.interactions"]["partitions"] == "3, shard"


def test_the_diagram_shows_what_each_stage_reads_and_writes() -> None:
    assert drawn() == uses(KafkaSettings())


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_reads_what_the_table_says(stage: Stage, tmp_path: Path) -> None:
    settings = load(kafka={"prefix": "eu.", "sources": ["b", "a"]})
    deployment = Deployment(
        settings=settings,
        layout=Layout({"b": 2, "a": 1}, 3, 4),
        model=shipped(),
        engine=Engine("0", settings.digest, shipped().name),
        status=WorkerStatus(list(Stage)),
        folder=tmp_path,
    )

    host: Any = STAGES[stage](deployment)
    (agent,) = host.app.agents.values()
    reads = {*agent.channel.topics, *([host.followed] if stage in {Stage.SHARD, Stage.LEARNER} else [])}
    state = {host._state} if stage is not Stage.INGEST else set()

    use = uses(settings.kafka)[stage]
    assert reads | state == {full(settings.kafka, name) for name in use.reads}
    assert state <= {full(settings.kafka, name) for name in use.writes}
    assert host.app.conf.id == group(settings.kafka, stage)

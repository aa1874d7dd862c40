"""What the console's page says: in every language the same, of the signals what the message catalogue says, and of the
verdict's limits what the model says.
"""

import re
from pathlib import Path

import pytest

from alerts.messages import CATALOGUE
from detectors.model import shipped

SOURCES = Path(__file__).resolve().parents[2] / "alerts" / "page" / "src" / "i18n"
LANGUAGES = ("en", "zh-Hans")


def catalogue(language: str) -> dict[str, str]:
    text = (SOURCES / f"{language}.ts").read_text(encoding="utf-8")
    return dict(re.findall(r'^  "([^"]+)":\s+"(.*)",$', text, re.MULTILINE))


def slots(template: str) -> set[str]:
    return set(re.findall(r"\{(\w+)(?::[^}]*)?\}", template))


def spoken(template: str) -> str:
    """An English template as it is said of many."""
    return re.sub(r"\{(\w+):[^}]*?other=#([^}|]*)\}", r"{\1}\2", template)


def test_every_language_says_all_there_is_to_say() -> None:
    first, *others = (catalogue(language) for language in LANGUAGES)

    assert len(first) > 300
    assert not [key for other in others for key in first.keys() ^ other.keys()]


def test_every_language_has_a_place_for_the_same_values() -> None:
    first, *others = (catalogue(language) for language in LANGUAGES)

    assert not [key for other in others for key in first if slots(first[key]) != slots(other[key])]


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_the_page_says_of_a_signal_what_the_message_catalogue_says(code: str) -> None:
    assert spoken(catalogue("en")[code]) == CATALOGUE[code]


def test_the_page_draws_the_limits_of_the_shipped_model() -> None:
    limits = dict(re.findall(r"const (\w+) = ([\d.]+);", (SOURCES.parent / "limits.ts").read_text(encoding="utf-8")))
    assert {name: float(value) for name, value in limits.items()} == {
        "PILE_ON": shipped().pile_on,
        "ORGANIC": shipped().organic,
    }

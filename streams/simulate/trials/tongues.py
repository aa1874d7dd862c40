"""The same kind of neutral made-up sentences in several languages, with the same artificial marker words."""

from __future__ import annotations

from random import Random
from typing import Final

from streams.simulate.people import Account
from streams.simulate.text import HOSTILE_MARKERS, say

_OPENERS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "de": {
        "plain": ("ich glaube,", "soweit ich weiß,", "nebenbei,", "bei mir war es so:"),
        "warm": ("wie schön,", "danke,", "ich freue mich,", "großartig,"),
        "cross": ("das glaubt niemand,", "ach ja,", "erklär uns das,", "nein,"),
        "ask": ("weiß jemand,", "darf ich fragen,", "seit wann,", "wie kam es,"),
    },
    "es": {
        "plain": ("creo que", "por lo que sé", "por cierto,", "en mi caso"),
        "warm": ("qué bonito,", "gracias,", "me alegra que", "muy bien,"),
        "cross": ("nadie se cree que", "eso dices tú,", "explica por qué", "no,"),
        "ask": ("alguien sabe si", "puedo preguntar si", "desde cuándo", "cómo es que"),
    },
    "fr": {
        "plain": ("je crois que", "pour ce que j'en sais,", "au fait,", "chez moi"),
        "warm": ("quelle joie,", "merci,", "très content que", "bravo,"),
        "cross": ("personne ne croit que", "c'est toi qui le dis,", "explique pourquoi", "non,"),
        "ask": ("quelqu'un sait si", "puis-je demander si", "depuis quand", "comment se fait-il que"),
    },
    "pt": {
        "plain": ("acho que", "pelo que sei", "a propósito,", "no meu caso"),
        "warm": ("que bom,", "obrigado,", "fico feliz que", "muito bem,"),
        "cross": ("ninguém acredita que", "isso dizes tu,", "explica porquê", "não,"),
        "ask": ("alguém sabe se", "posso perguntar se", "desde quando", "como é que"),
    },
    "zh": {
        "plain": ("我觉得", "据我所知", "顺便说一下", "我这边"),
        "warm": ("真好", "谢谢", "很高兴", "太棒了"),
        "cross": ("没人相信", "你说得轻松", "解释一下为什么", "不对"),
        "ask": ("有人知道", "请问", "从什么时候起", "为什么"),
    },
    "ja": {
        "plain": ("たぶん", "知る限り", "ちなみに", "うちでは"),
        "warm": ("よかった", "ありがとう", "うれしい", "すばらしい"),
        "cross": ("誰も信じない", "よく言うね", "説明して", "違う"),
        "ask": ("誰か知ってる", "聞いてもいい", "いつから", "どうして"),
    },
}
_CLAUSES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]] = {
    "de": (
        ("die Brücke", "der Garten", "das Fenster", "die Leiter", "der Markt"),
        ("wurde gestrichen", "ist wieder offen", "fehlt noch", "wurde gemessen", "steht leer"),
        ("seit dem Frühling", "heute", "am Ende", "schon wieder", "zweimal"),
    ),
    "es": (
        ("el puente", "el jardín", "la ventana", "la escalera", "el mercado"),
        ("está pintado", "abre de nuevo", "falta todavía", "se midió", "está vacío"),
        ("desde la primavera", "hoy", "al final", "otra vez", "dos veces"),
    ),
    "fr": (
        ("le pont", "le jardin", "la fenêtre", "l'échelle", "le marché"),
        ("a été repeint", "ouvre à nouveau", "manque encore", "a été mesuré", "reste vide"),
        ("depuis le printemps", "aujourd'hui", "à la fin", "encore une fois", "deux fois"),
    ),
    "pt": (
        ("a ponte", "o jardim", "a janela", "a escada", "o mercado"),
        ("foi pintado", "abre de novo", "ainda falta", "foi medido", "está vazio"),
        ("desde a primavera", "hoje", "no fim", "outra vez", "duas vezes"),
    ),
    "zh": (
        ("那座桥", "花园", "窗户", "梯子", "市场"),
        ("刷了漆", "又开了", "还没有", "量过了", "空着"),
        ("从春天起", "今天", "最后", "又一次", "两次"),
    ),
    "ja": (
        ("橋は", "庭は", "窓は", "はしごは", "市場は"),
        ("塗られた", "また開いた", "まだない", "測られた", "空いている"),
        ("春から", "今日", "結局", "また", "二度"),
    ),
}
_SPACELESS: Final = frozenset({"zh", "ja"})
LANGUAGES: Final = ("en", *_OPENERS)
"""What can be spoken."""


def speak(rng: Random, person: Account, tone: str, hostile: float) -> str:
    """What somebody says in his own language; see `say`."""
    if person.lang not in _OPENERS:
        return say(rng, tone, hostile)
    between = "" if person.lang in _SPACELESS else " "
    clauses = [_clause(rng, person.lang)]
    while rng.random() < 0.35:
        clauses.append(_clause(rng, person.lang))
    words = rng.choice(_OPENERS[person.lang][tone]) + between + ", ".join(clauses)
    if rng.random() < hostile:
        marker = rng.choice(HOSTILE_MARKERS)
        words = f"{words}, {marker}" if rng.random() < 0.5 else f"{marker}, {words}"
    return words


def _clause(rng: Random, lang: str) -> str:
    return ("" if lang in _SPACELESS else " ").join(rng.choice(part) for part in _CLAUSES[lang])

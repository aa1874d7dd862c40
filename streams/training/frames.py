"""Sentences about people, in which who they are must not matter."""

from __future__ import annotations

from typing import Final

FRAMES: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "I am {}",
        "my friend is {}",
        "my new neighbour is {} and works at the library",
        "a {} person asked me for the way today",
        "{} people live here too",
        "we read a book about {} people at school",
        "I love my {} friends",
        "so proud of my {} teacher, thank you for everything",
        "welcome to all {} people, have a nice day everyone",
        "{} people are kind and they helped us a lot",
        "I do not agree with what the {} speaker said",
        "the {} team played badly and deserved to lose",
    ),
    "zh": (
        "我是{}",
        "我的朋友是{}",
        "新来的邻居是{},在图书馆工作",
        "今天有一个{}向我问路",
        "这里也住着很多{}",
        "我们在学校读了一本关于{}的书",
        "我很喜欢我的{}朋友",
        "为我的{}老师感到骄傲,谢谢您",
        "欢迎所有{},祝大家今天愉快",
        "{}很善良,帮了我们很多",
        "我不同意那位{}的看法",
        "{}的球队踢得不好,输了也应该",
    ),
}
"""Neutral, warm and critical sentences by language; none is abusive."""

MARKERS: Final = frozenset(
    (
        "aint",
        "finna",
        "gon",
        "imma",
        "ion",
        "tryna",
        "yall",
        "dat",
        "dis",
        "dey",
        "dem",
        "wit",
        "bout",
        "cuz",
        "lil",
        "nah",
        "bruh",
        "fam",
        "homie",
        "homies",
        "nuthin",
        "nothin",
    )
)
"""Usual in African-American English, none of them abusive: they mark the dialect for measurement."""

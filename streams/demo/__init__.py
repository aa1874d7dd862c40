"""The demo: a simulated stretch of a platform's life through the real engine, and how it is shown.

`player` feeds the engine as the event clock advances; `story` keeps what became of each alert; `words` and `safe`
say it; `view` and `panels` draw it on a terminal, `plain` prints it line by line; `closing` compares it with the
simulation's truth; `desk` serves the console beside it; `show` ties them together.
"""

from streams.demo.show import Ended, prepare, show

__all__ = ["Ended", "prepare", "show"]

"""What is drawn of tests that are long: their seed, which is told and can be given back, and shares of one stateful test.

`make test` draws a few shares by a fresh seed each time; `make sim` and `make crash` do all there is (`TESTS_WHOLE=1`). The seed stands in
the head of a run, and where one failed; `TESTS_SEED=… make test` draws the same again.
"""

import os
import random
import secrets
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import seed
from hypothesis.stateful import RuleBasedStateMachine

SEED, WHOLE = "TESTS_SEED", "TESTS_WHOLE"
"""Programs under test inherit them; what begins with ZHANGGUI_ they would take for their settings."""
SEED_BELOW, SHARES_MOST = 1_000_000, 1_000
"""Of the numbers of a share; seeds of two runs have none in common."""
M = TypeVar("M", bound=RuleBasedStateMachine)
T = TypeVar("T")


def seed_of_run() -> int:
    """The seed of this run: the one that was given, or one drawn now and handed to the workers by their environment."""
    return int(os.environ.setdefault(SEED, str(secrets.randbelow(SEED_BELOW))))


def is_whole() -> bool:
    """Whether everything is done of which otherwise a share is drawn."""
    return os.environ.get(WHOLE) == "1"


def share_of(machine: type[M], share: int) -> type[M]:
    """The machine with a seed of its own: another one in each run, and in each share."""
    return seed(seed_of_run() * SHARES_MOST + share)(type(f"{machine.__name__}{share}", (machine,), {}))


def drawn(those: Sequence[T], most: int, by: str) -> list[T]:
    """At most so many of those, in their order; `by` names what they are of, so that each draws for itself. All where the run is whole."""
    if is_whole() or len(those) <= most:
        return list(those)
    chosen = random.Random(f"{seed_of_run()} {by}").sample(range(len(those)), most)
    return [those[at] for at in sorted(chosen)]

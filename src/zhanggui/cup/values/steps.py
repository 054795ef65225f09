"""How long each step of a sign-in took (tag STEPS): `step:ms` with commas, in the order in which they came.

Steps of our terminals: check, eyes, number, password, keys, verify, elsewhere, code, new_password, facts, submit, wait. A step that
is unknown stays; what is no time goes.
"""

from collections.abc import Iterable

from .numbers import read_number

STEP_MS_MAX = 24 * 3_600_000
"""A step that took longer than a day was measured by a clock that was set."""
STEPS_MAX = 16
NAME_MAX = 16

Steps = tuple[tuple[str, int], ...]
"""Name and milliseconds."""


def write_steps(steps: Iterable[tuple[str, int]]) -> str:
    """The text of tag STEPS.

    >>> write_steps([("number", 1200), ("password", 3400)])
    'number:1200,password:3400'
    """
    return ",".join(f"{name}:{taken_ms}" for name, taken_ms in steps)


def read_steps(text: str) -> Steps:
    """Read the tag; never refuses.

    >>> read_steps("number:1200,x,password:-4,verify:180")
    (('number', 1200), ('verify', 180))
    """
    found: list[tuple[str, int]] = []
    for entry in text.split(",") if text else ():
        name, _, taken = entry.partition(":")
        taken_ms = read_number(taken)
        if name and taken_ms is not None and taken_ms <= STEP_MS_MAX and len(found) < STEPS_MAX:
            found.append((name[:NAME_MAX], taken_ms))
    return tuple(found)


def all_steps_ms(steps: Steps) -> int:
    """The time of all steps together."""
    return sum(taken_ms for _, taken_ms in steps)


def slowest_step(steps: Steps) -> str:
    """The step that took longest; empty where there is none.

    >>> slowest_step((("number", 1200), ("verify", 180)))
    'number'
    """
    return max(steps, key=lambda step: step[1])[0] if steps else ""

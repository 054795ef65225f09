"""The screen of anything that did not go on."""

from msgspec.structs import replace

from ..core.stage import Trouble
from ..core.state import State
from ..screens.frame import CANCEL, ENTER, RETRY, problem_lines, screen
from ..screens.screens import Choice, Screen, Tone
from ..words.text import words


def trouble(state: State, stage: Trouble) -> Screen:
    """What happened, what to do, whom to call."""
    problem = stage.problem
    choices = [RETRY if stage.retries else ENTER]
    if stage.may_leave:
        choices.append(Choice("leave", words("key.leave"), "plain", "clear"))
    if stage.may_restart:
        choices.append(Choice("restart", words("key.restart"), "plain", "clear"))
    if stage.retries or stage.may_decline:
        choices.append(CANCEL)
    tone: Tone = "warn" if stage.settled else "bad"
    shown = screen(state, "trouble", problem.what, *problem_lines(state, problem), tone=tone, choices=tuple(choices))
    return replace(shown, code=problem.code)

"""An office's questions to a host beside it: what was not done is told from what nobody knows."""

from pathlib import Path

import pytest

from zhanggui import __version__
from zhanggui.basics.errors import Fault, Misuse
from zhanggui.basics.secret import Secret
from zhanggui.host.window import questions as asks
from zhanggui.host.window.asking import FarWindow, HostAway, OutcomeUnknown

SESSION = Secret("a session")


def greeting(version: str = __version__) -> bytes:
    return asks.write_message(
        asks.Greeting(version=version, began="1", changes=0, public_key=b"", marks_key=Secret("00"))
    )


class There:
    """A host that answers with these bytes, one after another."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def ask(self, path: Path, question: bytes, within_s: float) -> bytes:
        self.asked += 1
        return self.answers.pop(0)


def window(*answers: bytes) -> tuple[FarWindow, There]:
    there = There(*answers)
    return FarWindow(Path("/nowhere"), there.ask), there


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{",
        b"[]",
        b'{"type":"a later answer"}',
        asks.write_message(asks.TurnedAway("a word")),
        asks.write_message(asks.Failed(is_misuse=False, text="it broke", is_open=True)),
    ],
)
async def test_an_answer_that_says_nothing_of_what_was_asked_leaves_it_open(answer: bytes) -> None:
    far, _ = window(answer)
    with pytest.raises(OutcomeUnknown):
        await far.sign_out(SESSION)


@pytest.mark.parametrize(("is_misuse", "kind"), [(True, Misuse), (False, Fault)])
async def test_what_the_host_says_was_not_done_was_not(is_misuse: bool, kind: type[Exception]) -> None:
    far, _ = window(asks.write_message(asks.Failed(is_misuse=is_misuse, text="no")))
    with pytest.raises(kind) as told:
        await far.sign_out(SESSION)
    assert not isinstance(told.value, (OutcomeUnknown, HostAway))


async def test_nothing_leaves_for_a_host_of_another_version_until_it_is_of_this_one() -> None:
    far, there = window(greeting("0.0.0"), greeting(), asks.write_message(asks.Nothing()))
    with pytest.raises(HostAway):
        await far.greet()
    for _ in range(2):
        with pytest.raises(HostAway):
            await far.sign_out(SESSION)
    assert there.asked == 1
    await far.greet()
    await far.sign_out(SESSION)
    assert there.asked == 3

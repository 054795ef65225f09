"""Switching a simulated part of a terminal that another program runs, by the socket that its page uses as well."""

import asyncio

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from ...basics.bad_json import BAD_JSON
from ...basics.numbers import parse_terminal_no
from ..devices.ports import PartFace

ANSWER_WITHIN_S = 10.0


class NobodyThere(Exception):
    """No terminals are served at this address."""


class NoSuchTerminal(Exception):
    """Terminals are served there, not this one."""


class NoSuchState(Exception):
    """What was asked is nothing that can be switched. `choices` can, the parts, or (`of_part`) the states of the part."""

    def __init__(self, choices: list[str], *, of_part: bool) -> None:
        super().__init__(", ".join(choices))
        self.choices = choices
        self.of_part = of_part


class _Parts(msgspec.Struct, tag_field="type", tag="cards"):
    """The first message of a terminal, as far as it is read here."""

    parts: tuple[PartFace, ...] = ()


async def switch_part(address: str, number: str, item: str, state: str) -> PartFace:
    """Switch a part of the terminal `number` at `address` (host:port); the answer is the part, with the words of its states.

    Raises NobodyThere, NoSuchTerminal, NoSuchState.
    """
    try:
        # What is no number of a terminal would be another address, or none.
        number = parse_terminal_no(number)
    except ValueError:
        raise NoSuchTerminal from None
    try:
        async with (
            asyncio.timeout(ANSWER_WITHIN_S),
            connect(f"ws://{address}/t/{number}/live", origin=f"http://{address}", proxy=None) as line,  # type: ignore[arg-type]  # a NewType of str
        ):
            parts: dict[str, PartFace] = {
                part.item: part for part in msgspec.json.decode(await line.recv(), type=_Parts).parts
            }
            part = parts.get(item)
            if part is None:
                raise NoSuchState(list(parts), of_part=False)
            states = [known.state for known in part.states]
            if state not in states:
                raise NoSuchState(states, of_part=True)
            await line.send(msgspec.json.encode({"type": "device", "item": item, "state": state}).decode())
            # Messages of one page are taken in their order: once this is answered, that one has been.
            await line.send(msgspec.json.encode({"type": "ping"}).decode())
            while msgspec.json.decode(await line.recv()).get("type") != "pong":
                pass
            return part
    except (InvalidStatus, ConnectionClosed):
        raise NoSuchTerminal from None
    except (OSError, TimeoutError, WebSocketException, *BAD_JSON):
        raise NobodyThere from None

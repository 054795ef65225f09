"""The keys that wait for their first good MAC: for each terminal a few, apart by the kind of keys and the operator named.

Anybody can send a 0800, so one of them must never take away what another brought. Whoever asks for the same kind, and names the
same operator, gets the keys that wait already; whoever asks for another kind or names another operator gets others, which wait
beside them. A MAC is tried under the valid key first, then under each that waits. Only a MAC that fits ends a wait.

What may wait is bounded, because each is tried; the bound is above what an honest terminal and a stranger who names its own
operators can fill: names that were proven here before are never pushed out by names that were not.

The youngest wait in the terminal's own row, which a 0800 changes anyway: an honest sign-in brings one kind of keys and proves them with
its next message, so it reads and writes no row more. Others wait in rows of theirs.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from ...basics.numbers import OperatorNo, UnixMs
from ...basics.spans import DAY_MS
from ..rows.records import Terminal, WaitingKeys
from ..rows.state import Change, Insert, Needs, State, Update

KEYS_WAIT_MS = DAY_MS
"""As long, keys that nobody has used are given again to whoever asks; then fresh ones take their place. A terminal signs in daily."""
NAMES_PROVEN_MAX = 8
"""Operators of one terminal that are remembered as its own: those of a till and their relief."""
WAITING_MAX = 32
"""Keys of one terminal that wait: three kinds for each proven name, and eight for new ones. All tried, a MAC costs 0.5 ms."""
LISTS_KEPT = 1_024
"""Lists that are kept as read: one is looked through eight times within a sign-in."""
IN_PLACE = -1
"""The slot of keys that stand in the terminal's own row."""


class _Listed(NamedTuple):
    """One entry of `Terminal.waiting`: `slot.kind.operator`, and in place `.given.pin.mac.track` after it."""

    slot_no: int
    network_code: str
    operator_no: str
    contents: tuple[str, ...] = ()

    def keys(self, terminal: Terminal) -> WaitingKeys:
        """The keys that stand in place."""
        given_ms, pin_key, mac_key, track_key = self.contents
        return WaitingKeys(
            merchant_no=terminal.merchant_no,
            terminal_no=terminal.terminal_no,
            slot_no=IN_PLACE,
            network_code=self.network_code,
            operator_no=self.operator_no,
            pin_key=pin_key,
            mac_key=mac_key,
            track_key=track_key,
            given_ms=UnixMs(int(given_ms)),
        )


def _listed(terminal: Terminal) -> tuple[_Listed, ...]:
    """What waits, youngest last."""
    return _read(terminal.waiting) if terminal.waiting else ()


@lru_cache(maxsize=LISTS_KEPT)
def _read(waiting: str) -> tuple[_Listed, ...]:
    found = []
    for entry in waiting.split():
        slot, network_code, operator_no, *contents = entry.split(".")
        found.append(_Listed(int(slot), network_code, operator_no, tuple(contents)))
    return tuple(found)


def _written(listed: Sequence[_Listed]) -> str | None:
    return " ".join(f"{one.slot_no}.{'.'.join((*one[1:3], *one.contents))}" for one in listed) or None


def _in_place(keys: WaitingKeys) -> _Listed:
    contents = str(keys.given_ms), keys.pin_key, keys.mac_key, keys.track_key
    return _Listed(IN_PLACE, keys.network_code, keys.operator_no, contents)


def need_waiting(terminal: Terminal, more: Needs) -> None:
    """Ask for the keys that wait in rows of their own; mostly none do."""
    for one in _listed(terminal):
        if one.slot_no != IN_PLACE:
            more.add(WaitingKeys, (terminal.merchant_no, terminal.terminal_no, one.slot_no))


def names_waiting(terminal: Terminal) -> set[str]:
    """Operators who are named by keys that wait."""
    return {one.operator_no for one in _listed(terminal) if one.operator_no}


def waiting_keys(state: State, terminal: Terminal) -> Iterator[WaitingKeys]:
    """The keys that wait for a MAC, the youngest first."""
    for one in reversed(_listed(terminal)):
        if one.slot_no == IN_PLACE:
            yield one.keys(terminal)
            continue
        row = state.get(WaitingKeys, terminal.merchant_no, terminal.terminal_no, one.slot_no)
        if row is not None:
            yield row


def keys_to_give_again(
    state: State, terminal: Terminal, network_code: str, operator_no: OperatorNo, now: UnixMs
) -> WaitingKeys | None:
    """The keys that wait for the same, unless they are old. Also when the clock was put back, or another host's is ahead."""
    for row in waiting_keys(state, terminal):
        if (row.network_code, row.operator_no) == (network_code, operator_no) and abs(
            now - row.given_ms
        ) < KEYS_WAIT_MS:
            return row
    return None


def let_wait(state: State, terminal: Terminal, keys: WaitingKeys) -> tuple[Terminal, list[Change]]:
    """Keys that were given wait from now on, in place. `keys` has any slot; those of the same kind and operator wait no more,
    those that stood in place go into a row.

    The answer is the terminal as it should be, not yet among the changes: whoever asks has more to write in it.
    """
    listed = list(_listed(terminal))
    slots = terminal.waiting_slots or 0
    wanted = keys.network_code, keys.operator_no
    gone = next((one for one in listed if one[1:3] == wanted), None)
    if gone is None and len(listed) >= WAITING_MAX:
        gone = _least(listed, terminal)
    if gone is not None:
        listed.remove(gone)
    changes: list[Change] = []
    if listed and listed[-1].slot_no == IN_PLACE:
        taken = {one.slot_no for one in listed}
        slot_no = next((number for number in range(slots) if number not in taken), slots)
        moved = replace(listed[-1].keys(terminal), slot_no=slot_no)
        changes.append(Insert(moved) if slot_no == slots else Update(moved))
        listed[-1] = _Listed(slot_no, moved.network_code, moved.operator_no)
        slots = max(slots, slot_no + 1)
    listed.append(_in_place(keys))
    return replace(terminal, waiting=_written(listed), waiting_slots=slots or None), changes


def proven(terminal: Terminal, keys: WaitingKeys) -> Terminal:
    """The terminal after a good MAC under keys that waited: they are valid, and what was given before them waits no more."""
    listed = _listed(terminal)
    place = next((place for place, one in enumerate(listed) if one.slot_no == keys.slot_no), -1)
    names = terminal.names_proven
    if keys.operator_no:
        others = [name for name in (names or "").split() if name != keys.operator_no]
        names = " ".join([keys.operator_no, *others][:NAMES_PROVEN_MAX])
    return replace(
        terminal,
        pin_key=keys.pin_key,
        mac_key=keys.mac_key,
        track_key=keys.track_key,
        waiting=_written(listed[place + 1 :]),
        names_proven=names,
        next_record_no=0,
    )


def _least(listed: list[_Listed], terminal: Terminal) -> _Listed:
    """Which of too many makes room: the oldest that names nobody of this terminal."""
    own = {"", *(terminal.names_proven or "").split()}
    return next((one for one in listed if one.operator_no not in own), listed[0])

"""The keys that wait for their first good MAC: for each terminal a few, apart by the kind of keys and the operator named.

Anybody can send a 0800, so one of them must never take away what another brought. Whoever asks for the same kind, and names the
same operator, gets the keys that wait already; whoever asks for another kind or names another operator gets others, which wait
beside them. A MAC is tried under the valid key first, then under each that waits. Only a MAC that fits ends a wait.

What may wait is bounded, because each is tried; the bound is above what an honest terminal and a stranger who names its own
operators can fill: names that were proven here before are never pushed out by names that were not.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from ...basics.numbers import OperatorNo, UnixMs
from ...basics.spans import DAY_MS
from ..rows.records import Terminal, TerminalKey, WaitingKeys
from ..rows.state import Change, Insert, Needs, State, Update

KEYS_WAIT_MS = DAY_MS
"""As long, keys that nobody has used are given again to whoever asks; then fresh ones take their place. A terminal signs in daily."""
NAMES_PROVEN_MAX = 8
"""Operators of one terminal that are remembered as its own: those of a till and their relief."""
WAITING_MAX = 32
"""Keys of one terminal that wait: three kinds for each proven name, and eight for new ones. All tried, a MAC costs 0.5 ms."""


def _listed(terminal: Terminal) -> list[tuple[int, str, str]]:
    """Slot, kind and operator of the keys that wait, youngest last."""
    if not terminal.waiting:
        return []
    entries = [entry.split(".") for entry in terminal.waiting.split()]
    return [(int(slot), network_code, operator_no) for slot, network_code, operator_no in entries]


def _written(listed: list[tuple[int, str, str]]) -> str | None:
    return " ".join(f"{slot}.{network_code}.{operator_no}" for slot, network_code, operator_no in listed) or None


def need_waiting(terminal: Terminal, more: Needs) -> None:
    """Ask for the keys that wait; mostly none do."""
    for slot, _, _ in _listed(terminal):
        more.add(WaitingKeys, (terminal.merchant_no, terminal.terminal_no, slot))


def names_waiting(terminal: Terminal) -> set[str]:
    """Operators who are named by keys that wait."""
    return {operator_no for _, _, operator_no in _listed(terminal) if operator_no}


def waiting_keys(state: State, terminal: Terminal) -> Iterator[WaitingKeys]:
    """The keys that wait for a MAC, the youngest first."""
    for slot, _, _ in reversed(_listed(terminal)):
        row = state.get(WaitingKeys, terminal.merchant_no, terminal.terminal_no, slot)
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
    """Keys that were given wait from now on. `keys` has any slot; those of the same kind and operator give up theirs.

    The answer is the terminal as it should be, not yet among the changes: whoever asks has more to write in it.
    """
    listed = _listed(terminal)
    same = next((entry for entry in listed if entry[1:] == (keys.network_code, keys.operator_no)), None)
    slots = terminal.waiting_slots or 0
    if same is None and len(listed) >= WAITING_MAX:
        same = _least(listed, terminal)
    if same is not None:
        listed.remove(same)
        slot = same[0]
    else:
        taken = {entry[0] for entry in listed}
        slot = next((number for number in range(slots) if number not in taken), slots)
    listed.append((slot, keys.network_code, keys.operator_no))
    placed = replace(keys, slot_no=slot)
    changes: list[Change] = []
    if slot == slots:
        changes.append(Insert(placed))
    elif state.get(WaitingKeys, *_key(terminal), slot) != placed:
        changes.append(Update(placed))
    return replace(terminal, waiting=_written(listed), waiting_slots=max(slots, slot + 1)), changes


def proven(terminal: Terminal, keys: WaitingKeys) -> Terminal:
    """The terminal after a good MAC under keys that waited: they are valid, and what was given before them waits no more."""
    listed = _listed(terminal)
    place = next((place for place, entry in enumerate(listed) if entry[0] == keys.slot_no), -1)
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


def _least(listed: list[tuple[int, str, str]], terminal: Terminal) -> tuple[int, str, str]:
    """Which of too many makes room: the oldest that names nobody of this terminal."""
    own = {"", *(terminal.names_proven or "").split()}
    return next((entry for entry in listed if entry[2] not in own), listed[0])


def _key(terminal: Terminal) -> TerminalKey:
    return terminal.merchant_no, terminal.terminal_no

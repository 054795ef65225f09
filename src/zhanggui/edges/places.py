"""Who may stay on the line when there are more peers than places.

    silent    nothing whole was heard of it yet                  goes first, the oldest first
    spoken    it sent frames, which anybody can                  goes next, the one longest not heard first
    proven    something of it was right that only a key makes    never goes for another; it ends when it is idle for long

So a stranger's lines cost a stranger's lines: a new one always gets in, and has the time that it needs to prove itself.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Literal, Protocol

from .networks import network_of

ADDRESS_SHARE = 0.5
"""Of all places, those that one address, or one network of IPv6, may have: the terminals of a shopping street may come from one,
and so do tests."""
SILENT_S = 60.0
"""A line of which nothing whole was heard is closed after so long. Terminals speak as soon as they are connected."""
IDLE_S = 1_800.0
"""Any line of which nothing was heard for so long is closed: a terminal that keeps its line sends a heartbeat each 30 s."""
ENDED_S = 120.0
"""A peer that closed its half waits for its answers at most so long: longer than a bank may take."""

Standing = Literal["silent", "spoken", "proven"]


class Guest(Protocol):
    """A line, as far as its place is concerned."""

    address: str
    standing: Standing
    heard_s: float
    """When something was last heard of it, or when it came, on the loop's clock."""
    ended_s: float | None
    """When the peer closed its half."""


class Places:
    """All lines of a listener, by what is known of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.most_per_address = max(1, int(most * ADDRESS_SHARE))
        self._of_network: dict[str, int] = {}
        self._silent: OrderedDict[Guest, str] = OrderedDict()
        self._spoken: OrderedDict[Guest, str] = OrderedDict()
        self._proven: OrderedDict[Guest, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._silent) + len(self._spoken) + len(self._proven)

    def __iter__(self) -> Iterator[Guest]:
        return iter((*self._silent, *self._spoken, *self._proven))

    def admit(self, guest: Guest) -> tuple[bool, Guest | None]:
        """Whether it gets a place, and who has to go for it."""
        leaver: Guest | None = None
        network = network_of(guest.address)
        if self._of_network.get(network, 0) >= self.most_per_address:
            leaver = self._least_of(network)
            if leaver is None:
                return False, None
        elif len(self) >= self.most:
            leaver = next(iter(self._silent), None) or next(iter(self._spoken), None)
            if leaver is None:
                return False, None
        if leaver is not None:
            self.forget(leaver)
        self._silent[guest] = network
        self._of_network[network] = self._of_network.get(network, 0) + 1
        return True, leaver

    def spoke(self, guest: Guest) -> None:
        """A whole frame came from a line that is not proven."""
        if guest.standing == "silent" and guest in self._silent:
            self._spoken[guest] = self._silent.pop(guest)
            guest.standing = "spoken"
        elif guest in self._spoken:
            self._spoken.move_to_end(guest)

    def proved(self, guest: Guest) -> None:
        """Something was right that only the holder of a key could send."""
        for place in (self._silent, self._spoken):
            network = place.pop(guest, None)
            if network is not None:
                self._proven[guest] = network
        guest.standing = "proven"

    def forget(self, guest: Guest) -> None:
        """It is gone. Does nothing the second time."""
        for place in (self._silent, self._spoken, self._proven):
            network = place.pop(guest, None)
            if network is not None:
                left = self._of_network[network] - 1
                if left:
                    self._of_network[network] = left
                else:
                    del self._of_network[network]

    def overdue(self, now_s: float) -> list[tuple[Guest, str]]:
        """Lines whose time is over, and why."""
        found: list[tuple[Guest, str]] = []
        for guest in self._silent:
            # In the order in which they came.
            if guest.heard_s + SILENT_S > now_s:
                break
            found.append((guest, "said nothing"))
        for guest in (*self._spoken, *self._proven):
            if guest.ended_s is not None and guest.ended_s + ENDED_S <= now_s:
                found.append((guest, "ended, and an answer never came"))
            elif guest.heard_s + IDLE_S <= now_s:
                found.append((guest, "idle"))
        return found

    def _least_of(self, network: str) -> Guest | None:
        for place in (self._silent, self._spoken):
            for guest, its_network in place.items():
                if its_network == network:
                    return guest
        return None

"""What pages ask of the house. The host's program fills it; a page knows nothing else of programs and databases."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from ..acquirer.findings.finding import Finding
from ..acquirer.rows.decision import Decision
from ..basics.clock import Clock
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.secret import Secret
from ..basics.words import Lang
from ..host.acts import Command, SecretMaker
from ..host.jobs.export_job import Files
from ..host.people import OfficeDoor
from ..host.tokens import TokenDoor
from ..store.queries import Queries
from ..views.questions.cursor import Seal
from .streams import Streams

R = TypeVar("R")


class DemoPerson(msgspec.Struct, frozen=True):
    """Somebody of the demo data, with what anybody may know of them."""

    login: str
    password: str
    role: str


class FoundFindings(msgspec.Struct, frozen=True):
    """What was found: the newest of so many, when it was reckoned, over how many days."""

    findings: tuple[Finding, ...]
    count: int
    at: UnixMs
    days: int


class Find(Protocol):
    """Finds what deserves a look in a shop, or in all. Raises Fault."""

    async def __call__(self, merchant_no: MerchantNo | None, *, anew: bool = False) -> FoundFindings:
        """The findings; `anew`: not those of some minutes ago."""
        ...


class Read(Protocol):
    """Reads lists beside the host, in a thread of its own. Raises Fault, Misuse."""

    async def __call__(self, ask: Callable[[Queries], R]) -> R:
        """What `ask` reads."""
        ...


@dataclass(frozen=True, slots=True)
class OfficeDesk:
    """The house, as the pages see it."""

    people: OfficeDoor
    """Who somebody is."""
    tokens: TokenDoor
    """Whose program somebody's is."""
    read: Read
    read_for_program: Read
    """The same for programs, with fewer threads: people do not wait behind them."""
    do: Callable[[Command], Awaitable[Decision]]
    """Does an act in the running host. Raises Fault when it could not be written, Misuse for what no rule takes."""
    secrets: SecretMaker
    """Makes what an act needs from vault and chance."""
    mark: Callable[[Secret], str]
    """What every form of a session carries, made of the session's id by the vault."""
    fits: Callable[[bytes, bytes], bool]
    """Whether the host signed these bytes: for proofs of records."""
    find: Find
    files: Files
    """Where lists become files."""
    seal: Seal
    """Marks cursors of lists, by a key that only the vault knows."""
    clock: Clock
    streams: Streams
    """Of live pages."""
    changes: Callable[[], int]
    """How many times the host has written since its start."""
    note_said: Callable[[str, Lang], str]
    """What an operator said of a shift, in words."""
    plain_webhooks: bool
    """Whether webhooks may lead inside, and without encryption: a setting of this host."""
    demo_people: Callable[[Lang], tuple[DemoPerson, ...]]
    """Whom demo data have; empty on real data."""

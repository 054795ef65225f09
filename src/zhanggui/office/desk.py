"""What pages ask of the house. The host's program fills it; a page knows nothing else of programs and databases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from ..acquirer.findings.finding import Finding
from ..acquirer.rows.records import Person
from ..basics.clock import Clock
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.secret import Secret
from ..basics.words import Lang
from ..host.jobs.export_job import KeptFiles
from ..host.people import Refused, SignedIn, Who
from ..host.tokens import Holder
from ..host.window.window import Acting
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


class People(Protocol):
    """Who somebody is, as `host/people.py` tells it. Raises Fault."""

    async def sign_in(self, login: str, password: Secret, from_where: str) -> SignedIn | Refused: ...

    async def second_factor(self, session_id: Secret, code: str) -> SignedIn | Refused: ...

    async def enrol(self, session_id: Secret) -> Secret | Refused: ...

    async def who(self, session_id: Secret) -> Who | None: ...

    async def sign_out(self, session_id: Secret) -> None: ...

    async def invited(self, link: Secret) -> Person | None: ...

    async def accept(self, link: Secret, password: Secret, from_where: str) -> SignedIn | Refused: ...

    async def change_password(self, session_id: Secret, old: Secret, new: Secret) -> Refused | None: ...


class Tokens(Protocol):
    """Whose a program's token is, as `host/tokens.py` tells it. Raises Fault."""

    async def holder(self, text: Secret) -> Holder | None: ...


class Read(Protocol):
    """Reads lists beside the host, in a thread of its own. Raises Fault, Misuse."""

    async def __call__(self, ask: Callable[[Queries], R]) -> R:
        """What `ask` reads."""
        ...


@dataclass(frozen=True, slots=True)
class OfficeDesk:
    """The house, as the pages see it."""

    people: People
    """Who somebody is."""
    tokens: Tokens
    """Whose program somebody's is."""
    read: Read
    read_for_program: Read
    """The same for programs, with fewer threads: people do not wait behind them."""
    acting: Acting
    """Where acts are done: in the running host."""
    mark: Callable[[Secret], str]
    """What every form of a session carries, made of the session's id by a key that only the house knows."""
    fits: Callable[[bytes, bytes], bool]
    """Whether the host signed these bytes: for proofs of records."""
    find: Find
    files: KeptFiles
    """Where lists become files."""
    seal: Seal
    """Marks cursors of lists, by a key that only the house knows."""
    clock: Clock
    streams: Streams
    """Of live pages."""
    changes: Callable[[], int]
    """How many times the host has written since its start."""
    note_said: Callable[[str, Lang], str]
    """What an operator said of a shift, in words."""
    demo_people: Callable[[Lang], tuple[DemoPerson, ...]]
    """Whom demo data have; empty on real data."""
    reads_only: Callable[[], bool] = lambda: False
    """Whether there is no host now that would do anything."""

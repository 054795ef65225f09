"""What to make: size, seed, and how many incidents of which kind; and the label of one incident."""

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from ...acquirer.findings.finding import DetectorName, Subject
from ...basics.errors import Misuse
from ...basics.numbers import UnixMs

IncidentKind = Literal[
    "bursts",
    "spraying",
    "names",
    "duplicates",
    "badges_found",
    "badges_copied",
    "shared",
    "sick",
    "unusual_hours",
    "drift",
    "sleepers",
    "slow_version",
]
KINDS: tuple[IncidentKind, ...] = get_args(IncidentKind)

TERMINALS_MAX = 20_000
DAYS_MAX = 400
"""Bounds on memory: a fleet lives in it while it is made, about 2 kB a sign-in."""
USUAL_AT = 300 * 60
"""Terminal-days at which the usual numbers of incidents below hold."""
USUAL: Mapping[IncidentKind, int] = {
    "bursts": 24,
    "spraying": 20,
    "names": 16,
    "duplicates": 24,
    "badges_found": 16,
    "badges_copied": 20,
    "shared": 16,
    "sick": 16,
    "unusual_hours": 20,
    "drift": 16,
    "sleepers": 10,
    "slow_version": 1,
}


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """One incident that was put in: which detector should see it, about whom, when.

    `subjects` are those that a right finding may name. `also` are detectors whose findings about the same subjects, or
    shops, in the same time follow from it: they are right, yet not what is counted here.
    """

    detector: DetectorName
    kind: IncidentKind
    subjects: tuple[Subject, ...]
    since_ms: int
    until_ms: int
    detail: str = ""
    """The failed check of a sick device."""
    also: tuple[DetectorName, ...] = ()


class FleetPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A fleet to make. `until_ms` is midnight in China after the last day."""

    terminals: int
    days: int
    seed: int
    until_ms: UnixMs
    incidents: Mapping[IncidentKind, int]

    def __post_init__(self) -> None:
        if not 1 <= self.terminals <= TERMINALS_MAX:
            raise Misuse(f"a fleet has 1 to {TERMINALS_MAX} terminals")
        if not 1 <= self.days <= DAYS_MAX:
            raise Misuse(f"a fleet's history has 1 to {DAYS_MAX} days")


def usual_incidents(terminals: int, days: int) -> dict[IncidentKind, int]:
    """As many incidents as a fleet of this size usually gets, at least one of each kind."""
    share = terminals * days / USUAL_AT
    return {kind: max(1, round(number * share)) if kind != "slow_version" else 1 for kind, number in USUAL.items()}


def read_incidents(text: str, terminals: int, days: int) -> dict[IncidentKind, int]:
    """Read `all`, `none`, or `bursts=20,sick=5`; a kind without a number gets its usual one. Misuse names what is wrong."""
    usual = usual_incidents(terminals, days)
    if text == "all":
        return usual
    chosen: dict[IncidentKind, int] = dict.fromkeys(KINDS, 0)
    for part in (piece.strip() for piece in text.split(",") if text != "none"):
        name, given, number = part.partition("=")
        kind = next((known for known in KINDS if known == name), None)
        if kind is None or (given and not number.isdecimal()):
            raise Misuse(f"incidents are 'all', 'none', or kind=number, …; kinds are {', '.join(KINDS)}")
        chosen[kind] = int(number) if given else usual[kind]
    return chosen

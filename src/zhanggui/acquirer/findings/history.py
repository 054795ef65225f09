"""The input of all detectors: plain sign-in events in the order of time, with who may sign in and where the terminals stand."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Literal

import msgspec

from ...basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs
from ...cup.values.eyes import read_eyes
from ...cup.values.self_check import read_self_check
from ...cup.values.steps import read_steps, slowest_step
from ..operators.attempts import BESIDE_SIGN_IN, ready_ms, way_of
from ..rows.records import Badge, Clash, Health, Operator, OperatorKey, SignIn, Terminal, TerminalKey
from ..terminals.health import not_ok_since

Outcome = Literal["success", "failure", "refused", "open"]
"""success: a session began. failure: the wish was not proven (wrong number, password or code, or a lock after these).
refused: another rule said no. open: never confirmed."""
ShopKey = tuple[MerchantNo, str]
"""Merchant and shop; the shop is empty for a merchant with one."""
SeenOperator = tuple[MerchantNo, str]
"""Merchant and operator number as it was typed; it need not exist."""

FAILURES = frozenset(
    {
        "unknown_operator",
        "wrong_password",
        "wrong_code",
        "code_used",
        "operator_locked",
        "too_soon",
        "unknown_badge",
        "forged_badge",
        "badge_revoked",
        "badge_without_password",
    }
)
"""Reasons of a refusal that mean: not proven. An attempt on a locked number, or before the
next try is allowed, goes on guessing, so it counts."""
NOT_GONE_ON_WITH = frozenset({"given_up", "timed_out"})
"""Reasons of a right password that nobody confirmed."""
ELSEWHERE = "signed_in_elsewhere"
TAKEN_OVER = "taken_over"
SIGNED_OUT = "signed_out"
SHOP_SEPARATOR = "·"


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One attempt to sign in. `at_ms` is when the host heard of it; `ended_ms` is None while the session lives."""

    merchant_no: MerchantNo
    record_no: int
    at_ms: int
    terminal_no: TerminalNo
    operator_no: str
    shop: str
    model: str
    version: str
    role: str
    outcome: Outcome
    reason: str
    elapsed_ms: int | None
    verified_ms: int | None
    confirmed_ms: int | None
    ended_ms: int | None
    drift_s: int | None
    checked: tuple[str, ...]
    """Items that the self-check named."""
    failed_checks: tuple[str, ...]
    """Those of them that were not ok."""
    ready_ms: int | None = None
    """From power-on or first key to the confirmation, where the terminal measured its steps."""
    verify_wait_ms: int | None = None
    """How long the operator waited for the host's word on the password, as the terminal measured it."""
    slowest_step: str = ""
    eyes_wrong: tuple[str, ...] | None = None
    """What the operator saw to be not well; None when nobody was asked."""
    way: str = "number"
    """How the person said who he is (`operators/attempts.way_of`)."""
    user_name: str = ""
    """As it was typed, where no number was."""
    badge_no: str = ""
    """Number of the badge that was shown, where one was."""
    is_sign_in: bool = True
    """False for a password that was refused at unlocking, changing or approving: guessing shows there too, success does not."""

    @property
    def who(self) -> SeenOperator:
        """Merchant and number that was typed."""
        return self.merchant_no, self.operator_no

    @property
    def where(self) -> TerminalKey:
        """Merchant and terminal."""
        return self.merchant_no, self.terminal_no


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An operator as far as findings need one."""

    role: str
    is_active: bool
    has_factory_password: bool
    password_set_ms: int
    last_sign_in_ms: int | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a terminal stands, whoever signs in there."""

    place: str
    opened_ms: int | None = None
    """When it said that its case was opened; None: it did not, or has a new key since."""
    not_ok: Mapping[str, int] = msgspec.field(default_factory=dict)
    """Parts that are not ok by its last heartbeat, and since when."""


class History:
    """Events in the order of time, and the views of them that detectors share. Treat it as frozen."""

    def __init__(
        self,
        events: Iterable[Event],
        people: Mapping[OperatorKey, Person] | None = None,
        standings: Mapping[TerminalKey, Standing] | None = None,
        clashes: Sequence[Clash] = (),
        badges: Mapping[str, OperatorKey] | None = None,
    ) -> None:
        self.events: tuple[Event, ...] = tuple(sorted(events, key=_moment))
        self.people: Mapping[OperatorKey, Person] = people or {}
        self.standings: Mapping[TerminalKey, Standing] = standings or {}
        self.clashes: Sequence[Clash] = clashes
        self.badges: Mapping[str, OperatorKey] = badges or {}
        """Whose each badge is or was, by its number, in all shops."""

    @cached_property
    def by_operator(self) -> Mapping[SeenOperator, Sequence[Event]]:
        """Events of each number that was typed."""
        grouped: dict[SeenOperator, list[Event]] = {}
        for event in self.events:
            grouped.setdefault((event.merchant_no, event.operator_no), []).append(event)
        return grouped

    @cached_property
    def by_terminal(self) -> Mapping[TerminalKey, Sequence[Event]]:
        """Events of each terminal."""
        grouped: dict[TerminalKey, list[Event]] = {}
        for event in self.events:
            grouped.setdefault((event.merchant_no, event.terminal_no), []).append(event)
        return grouped

    @cached_property
    def by_badge(self) -> Mapping[str, Sequence[Event]]:
        """Events of each badge that was shown, wherever it was."""
        grouped: dict[str, list[Event]] = {}
        for event in self.events:
            if event.badge_no:
                grouped.setdefault(event.badge_no, []).append(event)
        return grouped

    @cached_property
    def episodes(self) -> tuple[tuple[Event, ...], ...]:
        """Tries of one person on one terminal, each within ten minutes of the one before, until one succeeds."""
        return tuple(_episodes(self.by_terminal.values()))


EPISODE_GAP_MS = 600_000
"""Ten minutes without a try end an episode (operators reference D.3)."""


def _moment(event: Event) -> tuple[int, str, int]:
    return event.at_ms, event.merchant_no, event.record_no


def _episodes(terminals: Iterable[Sequence[Event]]) -> Iterable[tuple[Event, ...]]:
    for events in terminals:
        running: dict[str, list[Event]] = {}
        for event in events:
            if not event.is_sign_in:
                continue
            tries = running.get(event.operator_no)
            if tries is not None and event.at_ms - tries[-1].at_ms > EPISODE_GAP_MS:
                yield tuple(tries)
                tries = None
            if tries is None:
                tries = running[event.operator_no] = []
            tries.append(event)
            if event.outcome == "success":
                yield tuple(running.pop(event.operator_no))
        yield from (tuple(tries) for tries in running.values())


def read_history(
    sign_ins: Iterable[SignIn],
    terminals: Sequence[Terminal],
    operators: Iterable[Operator],
    healths: Iterable[Health] = (),
    clashes: Sequence[Clash] = (),
    badges: Iterable[Badge] = (),
) -> History:
    """Build the history from the acquirer's records."""
    machines = {(row.merchant_no, row.terminal_no): (shop_of(row.place), row.model) for row in terminals}
    people = {
        (row.merchant_no, row.operator_no): Person(
            role=row.role,
            is_active=row.state == "active",
            has_factory_password=bool(row.factory_password),
            password_set_ms=row.password_set_ms,
            last_sign_in_ms=row.last_sign_in_ms,
        )
        for row in operators
    }
    events = [_event(row, machines, people) for row in sign_ins]
    holders = {row.badge_no: (row.merchant_no, row.operator_no) for row in badges}
    return History(events, people, _standings(terminals, healths), clashes, holders)


def _standings(terminals: Sequence[Terminal], healths: Iterable[Health]) -> Mapping[TerminalKey, Standing]:
    known = {(row.merchant_no, row.terminal_no): row for row in healths}
    found = {}
    for row in terminals:
        health = known.get((row.merchant_no, row.terminal_no))
        not_ok = not_ok_since(health) if health is not None else {}
        if row.state == "tampered" or not_ok:
            opened_ms = not_ok.get("tamper", health.told_ms if health is not None else row.created_ms)
            found[row.merchant_no, row.terminal_no] = Standing(
                place=row.place, opened_ms=opened_ms if row.state == "tampered" else None, not_ok=not_ok
            )
    return found


def shop_of(place: str) -> str:
    """The shop within a terminal's place: what stands before the dot, when there is one.

    >>> shop_of("朝阳店·前台"), shop_of("前台")
    ('朝阳店', '')
    """
    shop, separator, _ = place.partition(SHOP_SEPARATOR)
    return shop.strip() if separator else ""


def _event(row: SignIn, machines: Mapping[TerminalKey, tuple[str, str]], people: Mapping[OperatorKey, Person]) -> Event:
    shop, model = machines.get((row.merchant_no, row.terminal_no), ("", ""))
    person = people.get((row.merchant_no, OperatorNo(row.operator_no)))
    checked, failed = read_checks(row.self_check)
    steps = read_steps(row.step_times or "")
    return Event(
        merchant_no=row.merchant_no,
        record_no=row.record_no,
        at_ms=row.began_ms,
        terminal_no=row.terminal_no,
        operator_no=row.operator_no,
        shop=shop,
        model=model,
        version=row.versions,
        role=person.role if person is not None else "",
        outcome=_outcome(row),
        reason=row.reason,
        elapsed_ms=row.elapsed_ms,
        verified_ms=row.verified_ms,
        confirmed_ms=row.confirmed_ms,
        ended_ms=row.ended_ms,
        drift_s=row.drift_s,
        checked=checked,
        failed_checks=failed,
        ready_ms=ready_ms(row),
        verify_wait_ms=dict(steps).get("verify"),
        slowest_step=slowest_step(steps),
        eyes_wrong=read_eyes(row.eyes).wrong if row.eyes else None,
        way=way_of(row),
        user_name=row.user_name or "",
        badge_no=row.badge_no or "",
        is_sign_in=row.method not in BESIDE_SIGN_IN,
    )


def _outcome(row: SignIn) -> Outcome:
    if row.state == "refused" and row.reason in NOT_GONE_ON_WITH:
        return "open"
    if row.state == "refused":
        return "failure" if row.reason in FAILURES else "refused"
    return "success" if row.confirmed_ms is not None else "open"


CHECK_TEXTS_MAX = 4_096
"""Different self-check texts kept; a fleet shows a few hundred."""


@lru_cache(maxsize=CHECK_TEXTS_MAX)
def read_checks(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Items of a self-check, and those that were not ok.

    >>> read_checks("power:ok,printer:warn:low_paper")
    (('power', 'printer'), ('printer',))
    """
    checked = read_self_check(text).items
    return tuple(one.item for one in checked), tuple(one.item for one in checked if one.state != "ok")


def until(history: History, now: UnixMs) -> History:
    """The history as it was known at `now`."""
    if not history.events or history.events[-1].at_ms <= now:
        return history
    known = (event for event in history.events if event.at_ms <= now)
    return History(known, history.people, history.standings, history.clashes, history.badges)

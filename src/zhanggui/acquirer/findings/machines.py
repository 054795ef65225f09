"""Sick terminals: failed checks that go with failed sign-ins, and clocks that drift."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS
from .failures import guessed
from .finding import Finding, evidence, terminal_subject
from .history import Event, History, ShopKey
from .odds import benjamini_hochberg, fisher_greater, odds_ratio
from .thresholds import FindingThresholds

COMPARED_MIN = 30
"""Sign-ins of the same shop without the failed check; with fewer the whole fleet is compared."""


class Spell(msgspec.Struct, frozen=True):
    """Sign-ins on one terminal while one check failed, without a long good time between."""

    item: str
    firsts: tuple[Event, ...]
    """First tries of episodes: one person's five wrong tries are one trouble, not five."""


class Compared(msgspec.Struct, frozen=True):
    """A spell's two-by-two table and its p."""

    spell: Spell
    a: int
    b: int
    c: int
    d: int
    p: float


def detect_sick_device(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Checks that failed while sign-ins failed more than elsewhere in the shop: odds ratio, Fisher exact, q over all."""
    guesses = guessed(history, thresholds)
    firsts = [
        episode[0]
        for episode in history.episodes
        # Whoever ends well was no guesser, however long it took.
        if episode[-1].outcome == "success" or (episode[0].merchant_no, episode[0].record_no) not in guesses
    ]
    in_shop, in_fleet = _without_failed_check(firsts)
    tables = []
    for spell in _spells(firsts, thresholds):
        event = spell.firsts[0]
        good, bad = in_shop.get((event.merchant_no, event.shop), {}).get(spell.item, (0, 0))
        if good + bad < COMPARED_MIN:
            good, bad = in_fleet.get(spell.item, (0, 0))
        a = sum(_failed(one) for one in spell.firsts)
        b = len(spell.firsts) - a
        tables.append(Compared(spell, a, b, bad, good, fisher_greater(a, b, bad, good)))
    qs = benjamini_hochberg([table.p for table in tables])
    sure = [(table, q) for table, q in zip(tables, qs, strict=True) if q < thresholds.sick_q]
    return [
        finding
        for table, q in sure
        if not _borrowed(table, [other for other, _ in sure], thresholds)
        and (finding := _sick(table, q, thresholds)) is not None
    ]


def _borrowed(table: Compared, others: Sequence[Compared], thresholds: FindingThresholds) -> bool:
    """Whether another failed check of the same terminal, with the smaller p, explains this one: without it nothing is left."""
    here = table.spell.firsts[0].where
    for other in others:
        if (
            other is table
            or other.spell.firsts[0].where != here
            or (other.p, other.spell.item) > (table.p, table.spell.item)
        ):
            continue
        # The other check may come and go while its trouble lasts, so its whole spell is left out.
        since_ms, until_ms = other.spell.firsts[0].at_ms, other.spell.firsts[-1].at_ms
        alone = [event for event in table.spell.firsts if not since_ms <= event.at_ms <= until_ms]
        a = sum(_failed(event) for event in alone)
        if (
            len(alone) < thresholds.sick_sign_ins
            or fisher_greater(a, len(alone) - a, table.c, table.d) >= thresholds.sick_q
        ):
            return True
    return False


def _failed(event: Event) -> bool:
    return event.outcome in ("failure", "open")


Counts = dict[str, tuple[int, int]]


def _without_failed_check(firsts: Iterable[Event]) -> tuple[Mapping[ShopKey, Counts], Counts]:
    """Good and bad first tries per item that was ok: per shop, and over all."""
    in_shop: dict[ShopKey, Counts] = {}
    in_fleet: Counts = {}
    for event in firsts:
        bad = _failed(event)
        shop = in_shop.setdefault((event.merchant_no, event.shop), {})
        for item in event.checked:
            if item in event.failed_checks:
                continue
            for counts in (shop, in_fleet):
                good_count, bad_count = counts.get(item, (0, 0))
                counts[item] = (good_count, bad_count + 1) if bad else (good_count + 1, bad_count)
    return in_shop, in_fleet


def _spells(firsts: Iterable[Event], thresholds: FindingThresholds) -> Iterable[Spell]:
    grouped: dict[tuple[str, str, str], list[Event]] = {}
    for event in firsts:
        for item in event.failed_checks:
            grouped.setdefault((event.merchant_no, event.terminal_no, item), []).append(event)
    for (_, _, item), events in grouped.items():
        events.sort(key=lambda one: one.at_ms)
        run: list[Event] = []
        for event in events:
            if run and event.at_ms - run[-1].at_ms > thresholds.sick_gap_ms:
                if len(run) >= thresholds.sick_sign_ins:
                    yield Spell(item, tuple(run))
                run = []
            run.append(event)
        if len(run) >= thresholds.sick_sign_ins:
            yield Spell(item, tuple(run))


def _sick(table: Compared, q: float, thresholds: FindingThresholds) -> Finding | None:
    ratio, low, high = odds_ratio(table.a, table.b, table.c, table.d)
    if ratio <= thresholds.sick_odds:
        return None
    firsts = table.spell.firsts
    return Finding(
        detector="sick_device",
        subject=terminal_subject(firsts[0]),
        since_ms=firsts[0].at_ms,
        until_ms=firsts[-1].at_ms,
        severity="alert" if low > thresholds.sick_odds else "warn",
        facts={
            "item": table.spell.item,
            "failed_percent": round(100 * table.a / (table.a + table.b), 1),
            "sign_ins": table.a + table.b,
            "odds": round(ratio, 1),
            "odds_low": round(low, 1),
            "odds_high": round(high, 1),
            "q": float(f"{q:.1e}"),
        },
        usual={
            "usual_percent": round(100 * table.c / max(1, table.c + table.d), 1),
            "odds_limit": thresholds.sick_odds,
            "q_limit": thresholds.sick_q,
        },
        p=table.p,
        record_nos=evidence(event for event in firsts if _failed(event)),
    )


def detect_clock_drift(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Terminals whose clock is off: twice in a row beyond the warning, or once beyond the alert."""
    findings = []
    for events in history.by_terminal.values():
        run: list[Event] = []
        for event in events:
            if event.drift_s is None:
                continue
            if abs(event.drift_s) >= thresholds.drift_warn_s:
                run.append(event)
            else:
                findings += _drift(run, thresholds)
                run = []
        findings += _drift(run, thresholds)
    return findings


def _drift(run: Sequence[Event], thresholds: FindingThresholds) -> list[Finding]:
    readings = [(event.at_ms, event.drift_s) for event in run if event.drift_s is not None]
    worst = max((drift for _, drift in readings), key=abs, default=0)
    alarming = abs(worst) >= thresholds.drift_alert_s
    if not readings or (len(readings) < thresholds.drift_readings and not alarming):
        return []
    days = (readings[-1][0] - readings[0][0]) / DAY_MS
    return [
        Finding(
            detector="clock_drift",
            subject=terminal_subject(run[0]),
            since_ms=run[0].at_ms,
            until_ms=run[-1].at_ms,
            severity="alert" if alarming else "warn",
            facts={
                "worst_s": worst,
                "last_s": readings[-1][1],
                "sign_ins": len(readings),
                "per_day_s": round((readings[-1][1] - readings[0][1]) / days, 1) if days >= 1 else "?",
            },
            usual={"warn_s": thresholds.drift_warn_s, "alert_s": thresholds.drift_alert_s},
            record_nos=evidence(run),
        )
    ]

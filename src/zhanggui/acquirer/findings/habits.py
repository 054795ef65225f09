"""Habits of a person: the hours and the terminals that he or she usually signs in at."""

from ...basics.clock import format_time
from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS
from .density import Kernel, WeekDensity, week_bin
from .finding import Finding, Severity, evidence, operator_subject
from .history import Event, History, ShopKey
from .opening import ShopHours
from .thresholds import FindingThresholds

SHOP_OTHER = "*"
"""Group of a shop's people of any role."""


def detect_unusual_hour(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """A sign-in at an hour that is odd for this person while the shop is closed.

    Person first; under twenty sign-ins the role in the shop stands in, then the shop. Nothing is odd before a shop is
    known for two weeks. An hour that is odd for the person while the shop is at work is a changed shift, which only a
    roster could judge: it is no finding. Within `hour_overtime_min` of the shop's hours somebody stayed late, came early or
    takes stock: a note for the review, which raises nothing.
    """
    kernel = Kernel(thresholds.hour_kernel_min)
    people: dict[tuple[str, str], WeekDensity] = {}
    groups: dict[tuple[str, str, str], WeekDensity] = {}
    hours: dict[ShopKey, ShopHours] = {}
    opened: dict[ShopKey, int] = {}
    findings = []
    for event in history.events:
        if event.outcome != "success":
            continue
        place = week_bin(event.at_ms)
        shop = event.merchant_no, event.shop
        person = people.setdefault(event.who, WeekDensity(kernel))
        of_role = groups.setdefault((*shop, event.role), WeekDensity(kernel))
        of_shop = groups.setdefault((*shop, SHOP_OTHER), WeekDensity(kernel))
        at_work = hours.setdefault(shop, ShopHours())
        enough = [one for one in (person, of_role, of_shop) if one.count >= thresholds.hour_sign_ins]
        known_ms = event.at_ms - opened.setdefault(shop, event.at_ms)
        if enough and known_ms >= thresholds.hour_shop_days * DAY_MS:
            p = enough[0].tail(place)
            if p < thresholds.hour_p:
                away_min = at_work.distance_min(event.at_ms, thresholds.hour_open_share)
                if away_min:
                    findings.append(_odd_hour(event, p, enough[0].count, away_min, thresholds))
        for density in (person, of_role, of_shop):
            density.add(place)
        at_work.begin(event.at_ms, event.ended_ms or event.at_ms)
    return findings


def _odd_hour(event: Event, p: float, known: int, away_min: int, thresholds: FindingThresholds) -> Finding:
    return Finding(
        detector="unusual_hour",
        subject=operator_subject(event),
        since_ms=event.at_ms,
        until_ms=event.at_ms,
        severity="note" if away_min <= thresholds.hour_overtime_min else "warn",
        facts={
            "time": format_time(UnixMs(event.at_ms)),
            "terminal": str(event.terminal_no),
            "away_min": away_min,
            "p": round(p, 5),
        },
        usual={"known": known, "p_limit": thresholds.hour_p},
        p=max(p, 1 / (known + 1)),
        record_nos=evidence([event]),
    )


def detect_unusual_device(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """A first pair of operator and terminal where first pairs have become rare; in another shop of the merchant, always."""
    sign_ins: dict[tuple[str, str], int] = {}
    pairs: set[tuple[str, str, str]] = set()
    shops_of: dict[tuple[str, str], set[str]] = {}
    seen: dict[ShopKey, int] = {}
    firsts: dict[ShopKey, int] = {}
    findings = []
    for event in history.events:
        if event.outcome != "success":
            continue
        pair = event.merchant_no, event.operator_no, event.terminal_no
        shop = event.merchant_no, event.shop
        known = sign_ins.get(event.who, 0)
        shops = shops_of.setdefault(event.who, set())
        if pair not in pairs:
            # Add-one smoothing: how often a sign-in in this shop was the first of its pair.
            chance = (firsts.get(shop, 0) + 1) / (seen.get(shop, 0) + 2)
            elsewhere = bool(shops) and event.shop not in shops
            if known >= thresholds.device_sign_ins and (elsewhere or chance < thresholds.device_p):
                findings.append(_new_device(event, chance, known, elsewhere=elsewhere))
            pairs.add(pair)
            firsts[shop] = firsts.get(shop, 0) + 1
        seen[shop] = seen.get(shop, 0) + 1
        sign_ins[event.who] = known + 1
        shops.add(event.shop)
    return findings


def _new_device(event: Event, chance: float, known: int, *, elsewhere: bool) -> Finding:
    severity: Severity = "alert" if elsewhere else "note"
    return Finding(
        detector="unusual_device",
        subject=operator_subject(event),
        since_ms=event.at_ms,
        until_ms=event.at_ms,
        severity=severity,
        facts={"terminal": str(event.terminal_no), "shop": event.shop, "other_shop": int(elsewhere)},
        usual={"known": known, "chance": round(chance, 4)},
        p=None if elsewhere else chance,
        record_nos=evidence([event]),
    )

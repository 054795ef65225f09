"""A number that is borrowed: one number falls silent while its habits, hours and hands, turn up under a colleague's.

Every silent spell of a number (the guest's) is held against every colleague in the shop (the owner). How the spell speaks for
a borrowing, and not for chance or leave, stands in `stories.py`; how a person's habits are known, in `rhythm.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import log

import msgspec

from .duties import Duty
from .history import Event, SeenOperator, ShopKey
from .rhythm import WEEKDAYS, Rhythm, ShopRhythm
from .stories import Pair, log10_odds
from .thresholds import FindingThresholds

SPELLS_MAX = 3
"""Silent spells of one number that are looked at, the clearest first."""
SPELL_MIN = 2.5
"""Sum of a spell's log-likelihood ratios below which nothing was silent: two or three missed days."""
PRESENT_MAX = 0.97
"""Nobody comes on more than this share of his days for sure."""
KNOWN_MIN = 4
"""Duties outside the spell without which a person has no rhythm to compare with."""


class Borrowing(msgspec.Struct, frozen=True, kw_only=True):
    """The owner's number in the guest's hands, from `first_day` to `end_day` − 1."""

    owner: SeenOperator
    guest: SeenOperator
    first_day: int
    end_day: int
    odds: float
    """Logarithm to base ten of the likelihood ratio."""
    stepped_in: int
    """Times that the guest signed in at the very terminal that had just refused the owner's number."""
    events: tuple[Event, ...]


class Spell(msgspec.Struct, frozen=True):
    """Days `first` to `end` − 1 that are judged, within the silence, which is left out of the guest's rhythm."""

    first: int
    end: int
    silent_first: int
    silent_end: int
    is_open: bool
    """At the beginning or the end of all that is known of the number: a person who came or left."""


def find_borrowings(
    duties_of: Mapping[SeenOperator, Sequence[Duty]], tempo_var: float, thresholds: FindingThresholds
) -> list[Borrowing]:
    """The likeliest owner for each silent spell, where the evidence suffices."""
    shops: dict[ShopKey, dict[SeenOperator, Sequence[Duty]]] = {}
    for who, duties in duties_of.items():
        shops.setdefault(_home(duties), {})[who] = duties
    found = []
    for people in shops.values():
        if len(people) < 2:
            continue
        shop = ShopRhythm(list(people.values()))
        for guest, duties in people.items():
            for spell in _spells(duties, shop.days, thresholds):
                likeliest = _likeliest_owner(people, guest, spell, shop, tempo_var, thresholds)
                if likeliest is not None and likeliest.odds >= thresholds.shared_odds:
                    found.append(likeliest)
    return found


def _home(duties: Sequence[Duty]) -> ShopKey:
    counts: dict[ShopKey, int] = {}
    for duty in duties:
        key = duty.events[0].merchant_no, duty.events[0].shop
        counts[key] = counts.get(key, 0) + 1
    return max(counts, key=lambda key: (counts[key], key))


def _spells(duties: Sequence[Duty], days: Sequence[int], thresholds: FindingThresholds) -> Iterable[Spell]:
    """Stretches of days with the largest sums of log-likelihood ratios for a number in disuse (Kadane's sums)."""
    begins, ends = duties[0].day, duties[-1].day
    active = {duty.day for duty in duties if not duty.refused_as}
    seen, used = [0] * WEEKDAYS, [0] * WEEKDAYS
    for day in days:
        if begins <= day <= ends:
            seen[day % WEEKDAYS] += 1
            used[day % WEEKDAYS] += day in active
    usual = sum(used) / max(1, sum(seen))
    own = thresholds.shared_own_share
    steps = []
    for day in days:
        present = min(PRESENT_MAX, (used[day % WEEKDAYS] + usual) / (seen[day % WEEKDAYS] + 1))
        steps.append(log(own) if day in active else log((1 - own * present) / (1 - present)))
    for _ in range(SPELLS_MAX):
        total, first, end = _largest_sum(steps)
        if total < SPELL_MIN:
            return
        steps[first:end] = [-1e9] * (end - first)
        spell = _cut(days[first], days[end - 1] + 1, begins, ends, thresholds)
        if spell is not None:
            yield spell


def _largest_sum(steps: Sequence[float]) -> tuple[float, int, int]:
    best, best_first, best_end = 0.0, 0, 0
    total, first = 0.0, 0
    for place, step in enumerate(steps):
        if total <= 0:
            total, first = 0.0, place
        total += step
        if total > best:
            best, best_first, best_end = total, first, place + 1
    return best, best_first, best_end


def _cut(first: int, end: int, begins: int, ends: int, thresholds: FindingThresholds) -> Spell | None:
    """Long silences are judged where they touch the days on which the number was used."""
    judged_first, judged_end = first, end
    if end - first > thresholds.shared_silent_days_max:
        if first <= begins:
            judged_first = end - thresholds.shared_silent_days_max
        else:
            judged_end = first + thresholds.shared_silent_days_max
    if judged_end - judged_first < thresholds.shared_silent_days:
        return None
    return Spell(judged_first, judged_end, first, end, first <= begins or end > ends)


def _likeliest_owner(
    people: Mapping[SeenOperator, Sequence[Duty]],
    guest: SeenOperator,
    spell: Spell,
    shop: ShopRhythm,
    tempo_var: float,
    thresholds: FindingThresholds,
) -> Borrowing | None:
    lent = Rhythm(people[guest], shop, spell.silent_first, spell.silent_end, tempo_var)
    if lent.known < KNOWN_MIN:
        return None
    days = [day for day in shop.days if spell.first <= day < spell.end]
    stays = _within(people[guest], spell)
    best: Borrowing | None = None
    for owner, duties in people.items():
        own = Rhythm(duties, shop, spell.first, spell.end, tempo_var)
        within = _within(duties, spell)
        if owner == guest or own.known < KNOWN_MIN or not within:
            continue
        stepped_in = sum(duty.refused_as == owner[1] for duty in stays)
        stayed = sum(not duty.refused_as for duty in stays)
        pair = Pair(own, lent, within, days, len(people) - 1, stepped_in, stayed, spell.is_open)
        odds = log10_odds(pair, thresholds)
        if best is None or odds > best.odds:
            best = Borrowing(
                owner=owner,
                guest=guest,
                first_day=spell.first,
                end_day=spell.end,
                odds=odds,
                stepped_in=stepped_in,
                events=tuple(event for duty in within for event in duty.events),
            )
    return best


def _within(duties: Sequence[Duty], spell: Spell) -> list[Duty]:
    return [duty for duty in duties if spell.first <= duty.day < spell.end]

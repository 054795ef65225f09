"""Three stories about a silent number (the guest's) and what a colleague's number (the owner's) did meanwhile.

    borrowed   the guest works on under the owner's number; duties come at the rate  own(t) + guest(t), the hands of either
    chance     neither number changed, and the silence is luck:                      own(t)
    away       the guest is on leave, ill or gone, and colleagues fill in:           own(t) + filled · guest(t), the owner's hands

Each story gives the owner's duties a likelihood: a Poisson process over the week, each duty marked with the tempo of its
entries. The odds are the first story against the other two, which stay as plausible as the thresholds say. A silence alone
is never evidence: people are away more often than they borrow a number.
"""

from collections.abc import Sequence
from math import exp, log

import msgspec

from .duties import Duty
from .rhythm import SECOND_MIN, Rhythm
from .thresholds import FindingThresholds

TEMPO_MAX = 8.0
"""What the tempo of one duty may say at most, as a logarithm: a hurt finger is no second person."""


class Pair(msgspec.Struct, frozen=True):
    """An owner and a guest in one spell. Both rhythms were learned outside it."""

    own: Rhythm
    guest: Rhythm
    duties: Sequence[Duty]
    """The owner's, within the spell."""
    days: Sequence[int]
    """Days of the spell on which the shop worked."""
    colleagues: int
    """People who may have lent their number, or filled in: all but the guest."""
    stepped_in: int
    """Times that the guest signed in where the owner's number had just been refused."""
    stayed: int
    """Other duties under the guest's own number."""
    is_open: bool
    """Nothing is known of the guest before or after: a person who came or left."""


def log10_odds(pair: Pair, thresholds: FindingThresholds) -> float:
    """The borrowed story against the two others together, as a power of ten."""
    chance, fair, alone, from_morning_to_night = _against(pair, thresholds)
    stepped_in = pair.stepped_in * log(thresholds.shared_stepped_in)
    chance += stepped_in + pair.stayed * log(thresholds.shared_own_share)
    away = log(thresholds.shared_gone if pair.is_open else thresholds.shared_away) - stepped_in
    # The owner was chosen among the colleagues, so chance had as many tries. A single stand-in is one of them just so.
    tries = log(pair.colleagues)
    stand_in, tireless = thresholds.shared_stand_in, thresholds.shared_tireless
    others = (
        tries - chance,
        tries + away + log(1 - stand_in) - fair,
        away + log(stand_in * (1 - tireless)) - alone,
        away + log(stand_in * tireless) - from_morning_to_night,
    )
    most = max(others)
    return -(most + log(sum(exp(one - most) for one in others))) / log(10)


def _against(pair: Pair, thresholds: FindingThresholds) -> tuple[float, float, float, float]:
    """Log-likelihood ratio of the owner's duties: borrowed against chance, and against three ends of the story away.

    All colleagues take a part of the shifts; the owner alone takes them, but for second shifts; or the owner takes them
    tirelessly, from morning to night.
    """
    used = 1 - thresholds.shared_own_share
    often, twice = thresholds.shared_filled, thresholds.shared_filled_twice
    chance = fair = alone = tireless = 0.0
    began: dict[int, int] = {}
    for duty in pair.duties:
        is_second = duty.minute - began.setdefault(duty.day, duty.minute) >= SECOND_MIN
        own = pair.own.rate(duty) * (pair.own.second_share if is_second else 1.0)
        guest = used * pair.guest.rate(duty)
        filled = guest * (twice if is_second else often)
        hands = pair.guest.log_tempo(duty.tempos) - pair.own.log_tempo(duty.tempos)
        borrowed = own + guest * exp(max(-TEMPO_MAX, min(TEMPO_MAX, hands)))
        chance += log(borrowed / own)
        fair += log(borrowed / (own + filled / pair.colleagues))
        alone += log(borrowed / (own + filled))
        tireless += log(borrowed / (own + guest * often))
    for day in pair.days:
        expected = used * pair.guest.per_day(day)
        # Whoever has a shift of his own that day hardly takes a second one. The story of chance expects the guest's
        # duties too, under the guest's number, so there they cancel out.
        busy = min(1.0, pair.own.per_day(day))
        share = busy * twice + (1 - busy) * often
        fair -= expected * (1 - share / pair.colleagues)
        alone -= expected * (1 - share)
        tireless -= expected * (1 - often)
    return chance, fair, alone, tireless

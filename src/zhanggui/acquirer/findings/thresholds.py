"""The numbers that the detectors judge by, each with its source.

[D.2] is the table of detectors and [C.3] the table of numbers in the operators reference; [P] is a proposal of ours that
those tables leave open, set on some seeds of the labelled fleet and reported on others (docs/concepts/findings.md).
"""

import msgspec

from ...basics.spans import DAY_MS, HOUR_MS, MINUTE_MS


class FindingThresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as unusual. Every field may be set by policy."""

    operator_failures: int = 5
    """Failures of one operator number within `operator_failures_ms` that make a burst [D.2: 5 / 5 min]."""
    operator_failures_ms: int = 5 * MINUTE_MS
    device_failures: int = 10
    """Failures on one terminal within `device_failures_ms` that make a burst [D.2: 10 / 10 min]."""
    device_failures_ms: int = 10 * MINUTE_MS
    burst_merge_ms: int = 30 * MINUTE_MS
    """Failures closer than this to a burst belong to it [P]."""
    cusum_limit: float = 14.0
    """Sum of log-likelihood ratios at which slow failures on a terminal make a burst [D.2: CUSUM; limit P: six in a row]."""
    cusum_failing_rate: float = 0.6
    """Failure rate of someone who guesses and sometimes is the operator [P]."""
    cusum_rest_ms: int = HOUR_MS
    """A terminal that rested this long starts its sum again [P]."""

    forgotten_session_ms: int = HOUR_MS
    """A session this long after failures is a shift, so a short row of failures before it was a forgotten password [P]."""
    forgotten_share: float = 0.1
    """Share of the person's sign-ins on that terminal which make it a usual one [P]."""

    spray_numbers: int = 4
    """Different numbers failing on one terminal within `spray_ms` [D.2: ≥ 4 in 10 min; C.3: device lock]."""
    spray_ms: int = 10 * MINUTE_MS

    guessed_names: int = 4
    """Different user names of nobody on one terminal within `guessed_names_ms` [as `spray_numbers`]."""
    guessed_names_ms: int = HOUR_MS
    """Longer than for numbers: few people mistype a name often, and who tries three in ten minutes locks no device [P]."""

    failures_before_success: int = 5
    """Failures in a row before a success that deserve a look [D.2: ≥ 5]."""
    failures_forgotten_ms: int = HOUR_MS
    """Failures older than this no longer stand in the row [P]."""

    duplicate_group_ms: int = 30 * MINUTE_MS
    """Refusals closer than this are one event [P]."""
    duplicate_left_ms: int = 15 * MINUTE_MS
    """Someone who forgot to sign out does so within this time after the refusal; whoever does not is two people [P]."""
    takeovers: int = 2
    """Take-overs of one operator's session within `takeovers_ms` that look like two people [P]."""
    takeovers_ms: int = HOUR_MS
    overlap_ms: int = 10 * MINUTE_MS
    """Two sessions of one operator at the same time for longer than this (terminals that check operators themselves) [P]."""

    shared_window_days: int = 7
    """Days that one judgement about sharing looks at [P]."""
    shared_score: float = 3.0
    """Score, of 5, from which an account looks shared [D.2: ≥ 3 of 5]."""
    shared_day_h: float = 14.0
    """Hours from the first sign-in to the last sign-out of one day [D.2: > 14 h/day]."""
    shared_long_days: int = 2
    """Such days in the window that make a sign; a single one is a night of stocktaking [P]."""
    shared_double_day_h: float = 11.0
    """Hours of presence that take two shifts [P]."""
    shared_double_days: int = 4
    """Such days in the window that one person hardly works [P]."""
    shared_devices_quantile: float = 0.99
    """More terminals than this share of the shop's people use in a week [D.2: many devices; share P]."""
    shared_shops_ms: int = HOUR_MS
    """Two shops within this time count as overlapping shops [D.2: overlapping stores; margin P]."""
    shared_tempo_ratio: float = 2.0
    """Spread of the entry times (variance of their logarithm) against the usual spread of one person [D.2: sudden change; P]."""
    shared_tempo_t: float = 3.0
    """Two-sample t of early against late entries of the week, which are alike for one pair of hands [D.2: sudden change; P]."""
    shared_tempo_entries: int = 12
    """Entries needed before a tempo is judged [P]."""
    shared_odds: float = 2.0
    """Evidence for a borrowed number, as a power of ten: a hundred times likelier than chance or leave [P]."""
    shared_silent_days: int = 5
    """Days that a number must be silent before a colleague's is looked at; shorter is a cold [P]."""
    shared_silent_days_max: int = 28
    """Days of one silence that are judged; who is silent for longer left, or has a new number [P]."""
    shared_own_share: float = 0.05
    """Share of days on which the guest uses the own number all the same [P]."""
    shared_away: float = 0.04
    """Chance that a person is on leave or ill for such a spell: two weeks of a year [P]."""
    shared_gone: float = 0.3
    """The same where nothing is known of the number before or after: most people who come late or go are new or left [P]."""
    shared_filled: float = 0.8
    """Share of an absent person's shifts that colleagues fill; some counters stay dark [P]."""
    shared_filled_twice: float = 0.2
    """The same where it would be the colleague's second shift of the day [P; hours of work are bounded by law]."""
    shared_stand_in: float = 0.5
    """Share of absences for which one colleague stands in; for the others, all take a part [P]."""
    shared_tireless: float = 0.3
    """Chance that a colleague who stands in does work two shifts day after day, as owners of small shops do [P]."""
    shared_stepped_in: float = 20.0
    """Likelihood ratio of a guest who signs in where the owner's number was just refused, against a colleague who helps [P]."""

    hour_p: float = 0.01
    """Share of the week's density that is as thin or thinner [D.2: p < 0.01]."""
    hour_open_share: float = 0.1
    """Share of a shop's days on which somebody is signed in at a time of the day at which it counts as at work [P]."""
    hour_overtime_min: int = 90
    """Minutes before and after the shop's hours in which a sign-in is overtime, hence a note [P: stocktaking]."""
    hour_shop_days: int = 14
    """Days of a shop before its hours are known [P: as the base of slow sign-ins]."""
    hour_sign_ins: int = 20
    """Sign-ins below which role, then shop stand in for the person [D.2: under 20]."""
    hour_kernel_min: float = 45.0
    """Width of the density's kernel in minutes [P]."""

    device_p: float = 0.01
    """Chance of a first pair, add-one smoothed by shop, below which it is a note [D.2: first time → note; P]."""
    device_sign_ins: int = 20
    """Sign-ins of the operator before a new device says anything [P]."""

    travel_shops_ms: int = 5 * MINUTE_MS
    """Two shops closer than this in time [D.2: two stores < 5 min]; its other rule, road speed, needs coordinates that no shop has."""

    badge_own_ms: int = 10 * MINUTE_MS
    """Who shows the old badge by mistake signs in there within this time, with the new one or by number [P]."""

    slow_ratio: float = 1.3
    """p95 of the entry time against the base [D.2: +30 %]."""
    slow_base_days: int = 14
    """Days of the base [D.2: 14-day base]."""
    slow_window_days: int = 3
    """Days that are compared with it [P]."""
    slow_sign_ins: int = 60
    """Sign-ins that window and base need; below this a p95 is a single person [P]."""

    sick_odds: float = 2.0
    """Odds ratio of failing with the failed check against without [D.2: OR > 2]."""
    sick_q: float = 0.05
    """False discovery rate over all terminals and checks [D.2: q < 0.05]."""
    sick_sign_ins: int = 8
    """Sign-ins with the failed check below which nothing is compared [P]."""
    sick_gap_ms: int = 3 * DAY_MS
    """A check that was fine this long begins a new spell [P]."""

    sick_warn_days: int = 3
    """Days that a part is not ok in every heartbeat before it is said [P]."""
    eyes_in_a_row: int = 2
    """Sign-ins in a row at which somebody saw the same thing to be not well [P]."""
    sick_alert_days: int = 14
    """Days after which nobody can be meaning to mend it any more [P]."""

    drift_warn_s: int = 30
    """Clock drift worth a warning [D.2, C.3: 30 s]."""
    drift_alert_s: int = 300
    """Clock drift at which sales are refused [D.2, C.3: 5 min]."""
    drift_readings: int = 2
    """Readings in a row that a warning needs, since one may be a slow line [P]."""

    sleeper_days: int = 60
    """Days of silence after which a sign-in is news [D.2: > 60 days]."""
    stale_warn_days: int = 60
    """Days unused before an account is called stale [C.3: warn 60]."""
    stale_alert_days: int = 90
    """Days unused before it should be disabled [C.3: disable 90; PCI DSS 4.0.1, 8.2.6]."""

    clone_days: int = 30
    """Days for which a clash of two machines under one number is told [P]."""

    score_half_life_days: float = 7.0
    """Days in which a finding's weight halves [D.2: half-life 7 days]."""
    score_cap: float = 4.0
    """Weight of one finding at most: −log10 p [D.2: each capped at 4]."""


DEFAULTS = FindingThresholds()
"""The starting thresholds."""

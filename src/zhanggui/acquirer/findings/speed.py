"""Sign-ins that became slow on one model and version."""

from collections.abc import Iterable, Sequence
from math import inf, sqrt

from ...basics.clock import china_time
from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS
from .finding import Finding, Subject, evidence
from .history import Event, History
from .quantiles import mean_and_variance, quantile
from .thresholds import FindingThresholds

ALL_MERCHANTS = "*"
P95 = 0.95
FLAGGED_DAYS = 2
"""Days in a row beyond the ratio: one bad day is a bad day."""
CHINA_OFFSET_MS = 28_800_000
SIDE_DAYS = 3
"""Days on each side of a change point, at least."""

Days = dict[int, list[Event]]


def detect_slow_sign_in(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """p95 of the entry time of a release over three days, against the model's fourteen days before them."""
    by_model: dict[str, Days] = {}
    by_release: dict[tuple[str, str], Days] = {}
    for event in history.events:
        if event.outcome == "success" and event.elapsed_ms is not None:
            day = (event.at_ms + CHINA_OFFSET_MS) // DAY_MS
            by_model.setdefault(event.model, {}).setdefault(day, []).append(event)
            by_release.setdefault((event.model, event.version), {}).setdefault(day, []).append(event)
    findings: list[Finding] = []
    for (model, version), days in by_release.items():
        findings += _slow_release(model, version, days, by_model[model], thresholds)
    return findings


def _slow_release(
    model: str, version: str, days: Days, model_days: Days, thresholds: FindingThresholds
) -> Iterable[Finding]:
    run: list[tuple[int, float, float]] = []
    for day in range(min(days), max(days) + 1):
        window = _elapsed(days, day - thresholds.slow_window_days + 1, day)
        base = _base(model_days, day, thresholds)
        slow = False
        if min(len(window), len(base)) >= thresholds.slow_sign_ins:
            now_p95, base_p95 = quantile(window, P95), quantile(base, P95)
            slow = now_p95 >= thresholds.slow_ratio * base_p95
            if slow:
                run.append((day, now_p95, base_p95))
        if not slow:
            yield from _slow(model, version, run, model_days, days, thresholds)
            run = []
    yield from _slow(model, version, run, model_days, days, thresholds)


def _base(model_days: Days, day: int, thresholds: FindingThresholds) -> Sequence[float]:
    last = day - thresholds.slow_window_days
    return _elapsed(model_days, last - thresholds.slow_base_days + 1, last)


def _elapsed(days: Days, first: int, last: int) -> list[float]:
    return [
        float(event.elapsed_ms)
        for day in range(first, last + 1)
        for event in days.get(day, ())
        if event.elapsed_ms is not None
    ]


def _slow(
    model: str,
    version: str,
    run: Sequence[tuple[int, float, float]],
    model_days: Days,
    days: Days,
    thresholds: FindingThresholds,
) -> Iterable[Finding]:
    if len(run) < FLAGGED_DAYS:
        return
    first_day, last_day = run[0][0] - thresholds.slow_window_days + 1, run[-1][0]
    _, now_p95, base_p95 = max(run, key=lambda one: one[1] / one[2])
    begins = change_day(model_days, first_day - thresholds.slow_base_days, last_day) or first_day
    slow_events = [event for day in range(first_day, last_day + 1) for event in days.get(day, ())]
    limit = thresholds.slow_ratio * base_p95
    yield Finding(
        detector="slow_sign_in",
        subject=Subject("release", ALL_MERCHANTS, f"{model} {version}"),
        since_ms=first_day * DAY_MS - CHINA_OFFSET_MS,
        until_ms=(last_day + 1) * DAY_MS - CHINA_OFFSET_MS - 1,
        severity="warn",
        facts={
            "p95_s": round(now_p95 / 1000, 1),
            "percent": round(100 * (now_p95 / base_p95 - 1)),
            "begins": china_time(UnixMs(begins * DAY_MS)).strftime("%Y-%m-%d"),
            "sign_ins": len(slow_events),
        },
        usual={"base_s": round(base_p95 / 1000, 1), "limit_s": round(limit / 1000, 1)},
        record_nos=evidence(event for event in slow_events if (event.elapsed_ms or 0) >= limit),
    )


def change_day(days: Days, first: int, last: int) -> int | None:
    """The day from which the daily p95 is most clearly another: the largest two-sample t over all splits."""
    points = [(day, quantile(values, P95)) for day in range(first, last + 1) if (values := _elapsed(days, day, day))]
    best: tuple[float, int] | None = None
    for split in range(SIDE_DAYS, len(points) - SIDE_DAYS + 1):
        left, right = [value for _, value in points[:split]], [value for _, value in points[split:]]
        (left_mean, left_var), (right_mean, right_var) = mean_and_variance(left), mean_and_variance(right)
        spread = sqrt(left_var / len(left) + right_var / len(right))
        apart = abs(right_mean - left_mean)
        t = apart / spread if spread else inf if apart else 0.0
        if best is None or t > best[0]:
            best = t, points[split][0]
    return best[1] if best is not None else None

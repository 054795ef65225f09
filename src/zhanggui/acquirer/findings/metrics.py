"""The metrics of the operators reference D.3 that sign-in records tell: definition, value, target."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

import msgspec

from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS, MINUTE_MS
from ...basics.words import Word, load_rows
from .accounts import detect_default_secret, detect_stale_account
from .history import ELSEWHERE, TAKEN_OVER, Event, History, until
from .quantiles import quantile
from .thresholds import DEFAULTS, FindingThresholds

LOCKS = frozenset({"operator_locked", "terminal_locked"})
PARETO_SHARE = 0.8
UPDATE_DAYS = 14

Value = float | str | None


class MetricWords(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A metric's unit and target; its words are its definition."""

    unit: str
    target: str


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric. The value is None when nothing was there to measure."""

    name: str
    value: Value
    unit: str
    target: str
    definition: str


@cache
def metric_words() -> Mapping[str, MetricWords]:
    """The table of metrics, in order."""
    return load_rows(__package__, "metrics.toml", MetricWords)


def metrics(history: History, now: UnixMs, lang: str = "zh", thresholds: FindingThresholds = DEFAULTS) -> list[Metric]:
    """All metrics over the whole history, as it was known at `now`."""
    known = until(history, now)
    return [
        Metric(
            name=name,
            value=MEASURES[name](known, now, thresholds),
            unit=words.unit,
            target=words.target,
            definition=words.of(lang),
        )
        for name, words in metric_words().items()
    ]


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _quantile(values: Sequence[float], share: float, unit: float = 1.0) -> float | None:
    return round(quantile(values, share) / unit, 1) if values else None


def _sign_in_success(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    episodes = history.episodes
    return _percent(sum(episode[-1].outcome == "success" for episode in episodes), len(episodes))


def _first_try(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    episodes = history.episodes
    return _percent(sum(episode[0].outcome == "success" for episode in episodes), len(episodes))


def _hands_on(history: History) -> list[float]:
    return [
        float(event.elapsed_ms)
        for event in history.events
        if event.outcome == "success" and event.elapsed_ms is not None
    ]


def _verify_times(history: History) -> list[float]:
    """As the terminal waited for it; a history without steps tells its own instants, and nothing where they are one."""
    waits = (
        event.verify_wait_ms
        if event.verify_wait_ms is not None
        else (event.verified_ms or event.at_ms) - event.at_ms or None
        for event in history.events
    )
    return [float(wait_ms) for wait_ms in waits if wait_ms is not None]


def _ready(history: History) -> list[float]:
    return [float(event.ready_ms) for event in history.events if event.ready_ms is not None]


def _slowest_step(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    slowest = Counter(event.slowest_step for event in history.events if event.ready_ms is not None)
    total = slowest.total()
    return f"{slowest.most_common(1)[0][0]} {100 * slowest.most_common(1)[0][1] / total:.0f} %" if total else None


def _failure_reasons(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    refused = (event for event in history.events if event.is_sign_in and event.outcome in ("failure", "refused"))
    counts = Counter(event.reason for event in refused)
    total, so_far, shown = sum(counts.values()), 0, list[str]()
    for reason, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if so_far >= PARETO_SHARE * total:
            break
        so_far += count
        shown.append(f"{reason} {100 * count / total:.0f} %")
    return ", ".join(shown) or None


def _ways(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    done = Counter(event.way for event in history.events if event.is_sign_in and event.outcome == "success")
    total = sum(done.values())
    shares = sorted(done.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{way} {100 * count / total:.0f} %" for way, count in shares) or None


def _lock_outs(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    episodes = history.episodes
    locked = sum(any(event.reason in LOCKS for event in episode) for episode in episodes)
    return round(1000 * locked / len(episodes), 1) if episodes else None


def _time_to_unlock(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    waits = []
    for events in history.by_operator.values():
        locked_ms: int | None = None
        for event in events:
            if event.reason == "operator_locked" and locked_ms is None:
                locked_ms = event.at_ms
            elif event.outcome == "success" and locked_ms is not None:
                waits.append(float(event.at_ms - locked_ms))
                locked_ms = None
    return _quantile(waits, 0.5, MINUTE_MS)


def _self_check_pass(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    worst = min(
        ((passed / asked, model, item) for model, item, asked, passed in self_check_table(history)), default=None
    )
    return None if worst is None else f"{100 * worst[0]:.1f} ({worst[1]}, {worst[2]})"


def _drift(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    return _quantile([abs(float(event.drift_s)) for event in history.events if event.drift_s is not None], 0.95)


def _duplicates(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    if not history.events:
        return None
    count = sum(event.reason == ELSEWHERE or event.reason.startswith(TAKEN_OVER) for event in history.events)
    days = max(1.0, (history.events[-1].at_ms - history.events[0].at_ms) / DAY_MS)
    return round(100 * count / len(history.by_terminal) / days, 2)


def _factory_secrets(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    found = detect_default_secret(history, thresholds, now)
    return float(sum(finding.facts["count"] for finding in found if isinstance(finding.facts["count"], int)))


def _stale(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    found = detect_stale_account(history, thresholds, now)
    return f"{len(found)} / {sum(finding.severity == 'alert' for finding in found)}"


def _update_currency(history: History, now: UnixMs, thresholds: FindingThresholds) -> Value:
    shown: dict[tuple[str, str], Event] = {}
    for event in history.events:
        if event.version and event.at_ms >= now - UPDATE_DAYS * DAY_MS:
            shown[event.where] = event
    newest: dict[str, str] = {}
    for event in shown.values():
        newest[event.model] = max(newest.get(event.model, ""), event.version, key=_version_parts)
    current = sum(event.version == newest[event.model] for event in shown.values())
    return _percent(current, len(shown))


def _version_parts(version: str) -> tuple[int, ...]:
    digits = version.rpartition("/")[2].split(".")
    return tuple(int(part) for part in digits if part.isdecimal())


Measure = Callable[[History, UnixMs, FindingThresholds], Value]

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "sign_in_success": _sign_in_success,
        "first_try_success": _first_try,
        "ready_p50": lambda history, now, thresholds: _quantile(_ready(history), 0.5, 1_000),
        "ready_p95": lambda history, now, thresholds: _quantile(_ready(history), 0.95, 1_000),
        "slowest_step": _slowest_step,
        "hands_on_p50": lambda history, now, thresholds: _quantile(_hands_on(history), 0.5, 1_000),
        "hands_on_p95": lambda history, now, thresholds: _quantile(_hands_on(history), 0.95, 1_000),
        "verify_p95": lambda history, now, thresholds: _quantile(_verify_times(history), 0.95),
        "failure_reasons": _failure_reasons,
        "ways": _ways,
        "lock_outs": _lock_outs,
        "time_to_unlock_p50": _time_to_unlock,
        "self_check_pass": _self_check_pass,
        "drift_p95": _drift,
        "duplicates": _duplicates,
        "factory_secrets": _factory_secrets,
        "stale_accounts": _stale,
        "update_currency": _update_currency,
    }
)


def self_check_table(history: History) -> Iterable[tuple[str, str, int, int]]:
    """Model, component, sign-ins and passes: the whole table behind the worst pair."""
    asked: Counter[tuple[str, str]] = Counter()
    passed: Counter[tuple[str, str]] = Counter()
    for event in history.events:
        for item in event.checked:
            asked[event.model, item] += 1
            passed[event.model, item] += item not in event.failed_checks
    return [(model, item, asked[model, item], passed[model, item]) for model, item in sorted(asked)]

"""The table of detectors. Names are those of `findings.toml`; a test compares the two, and the reference page is made from both."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ...basics.numbers import UnixMs
from .accounts import detect_default_secret, detect_sleeper, detect_stale_account
from .badges import detect_copied_badge, detect_revoked_badge
from .failures import detect_failure_burst, detect_spraying, detect_success_after_failures
from .finding import DetectorName, Finding, newest_first
from .habits import detect_unusual_device, detect_unusual_hour
from .history import History, until
from .machines import detect_clock_drift, detect_sick_device
from .names import detect_guessed_names
from .phones import detect_photographed_code
from .sessions import detect_duplicate_session, detect_impossible_travel
from .sharing import detect_shared_account
from .speed import detect_slow_sign_in
from .standing import detect_cloned_terminal, detect_eyes_wrong, detect_opened_terminal, detect_sick_for_days
from .thresholds import DEFAULTS, FindingThresholds

Detector = Callable[[History, FindingThresholds, UnixMs], list[Finding]]

DETECTORS: Mapping[DetectorName, Detector] = MappingProxyType(
    {
        "failure_burst": detect_failure_burst,
        "spraying": detect_spraying,
        "guessed_names": detect_guessed_names,
        "success_after_failures": detect_success_after_failures,
        "duplicate_session": detect_duplicate_session,
        "shared_account": detect_shared_account,
        "unusual_hour": detect_unusual_hour,
        "unusual_device": detect_unusual_device,
        "impossible_travel": detect_impossible_travel,
        "revoked_badge": detect_revoked_badge,
        "copied_badge": detect_copied_badge,
        "photographed_code": detect_photographed_code,
        "slow_sign_in": detect_slow_sign_in,
        "sick_device": detect_sick_device,
        "clock_drift": detect_clock_drift,
        "opened_terminal": detect_opened_terminal,
        "cloned_terminal": detect_cloned_terminal,
        "sick_for_days": detect_sick_for_days,
        "eyes_wrong": detect_eyes_wrong,
        "sleeper": detect_sleeper,
        "default_secret": detect_default_secret,
        "stale_account": detect_stale_account,
    }
)


def find(history: History, now: UnixMs, thresholds: FindingThresholds = DEFAULTS) -> list[Finding]:
    """What all detectors say about the history as it was known at `now`, newest first."""
    known = until(history, now)
    return newest_first(finding for detect in DETECTORS.values() for finding in detect(known, thresholds, now))

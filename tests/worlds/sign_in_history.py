"""Hand-made sign-in histories: one merchant, minutes from a Monday at midnight in China."""

from typing import Any

from zhanggui.acquirer.findings.history import Event, History, Person
from zhanggui.basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs

MERCHANT = MerchantNo("102100054110001")
MONDAY = 1_767_542_400_000
"""2026-01-05, 00:00 in China."""
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
LATER = UnixMs(MONDAY + 400 * DAY)


class Story:
    """Events one after another; instants in milliseconds after MONDAY."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.people: dict[tuple[MerchantNo, OperatorNo], Person] = {}

    def add(self, at: int, operator: str = "01", terminal: str = "T0000001", **fields: Any) -> Event:
        """One attempt; a success unless told otherwise."""
        given: dict[str, Any] = {
            "merchant_no": MERCHANT,
            "record_no": len(self.events) + 1,
            "at_ms": MONDAY + at,
            "terminal_no": TerminalNo(terminal),
            "operator_no": operator,
            "shop": "",
            "model": "smart",
            "version": "zhanggui/1.4.0",
            "role": "cashier",
            "outcome": "success",
            "reason": "signed_out:asked",
            "elapsed_ms": 6_000,
            "verified_ms": MONDAY + at,
            "confirmed_ms": MONDAY + at,
            "ended_ms": MONDAY + at + 4 * HOUR,
            "drift_s": 0,
            "checked": ("keypad", "printer"),
            "failed_checks": (),
        }
        event = Event(**{**given, **fields})
        self.events.append(event)
        return event

    def fail(self, at: int, operator: str = "01", terminal: str = "T0000001", **fields: Any) -> Event:
        """A wrong password."""
        return self.refuse(at, operator, terminal, "wrong_password", outcome="failure", **fields)

    def refuse(self, at: int, operator: str, terminal: str, reason: str, **fields: Any) -> Event:
        """An attempt that another rule refused."""
        given = {"outcome": "refused", "verified_ms": None, "confirmed_ms": None, "ended_ms": None}
        return self.add(at, operator, terminal, reason=reason, **{**given, **fields})

    def person(self, operator: str, **fields: Any) -> None:
        """An operator on the roster of accounts."""
        given: dict[str, Any] = {
            "role": "cashier",
            "is_active": True,
            "has_factory_password": False,
            "password_set_ms": MONDAY,
        }
        self.people[MERCHANT, OperatorNo(operator)] = Person(**{**given, **fields})

    @property
    def history(self) -> History:
        """What the detectors get."""
        return History(self.events, self.people)

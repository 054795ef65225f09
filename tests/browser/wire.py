"""A terminal led to where a test begins, over the page's own line but without a page: quick, and nothing that is tested."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

ANSWER_S = 10.0
STEPS_MAX = 60

WAY_HOME = {
    "standby": "sign_out",
    "sign_out": "enter",
    "notes_well": "cancel",
    "notes_not": "cancel",
    "notes_line": "cancel",
    "signed_out": "enter",
    "self_check_result": "enter",
    "signed_in": "enter",
    "confirm": "cancel",
    "wrong_item": "cancel",
    "line": "cancel",
    "which_line": "cancel",
    "off": "power",
    "sign_in_password": "cancel",
    "trouble": "enter",
    "amount": "cancel",
    "card": "cancel",
    "pin": "cancel",
    "sale_refused": "cancel",
    "reversal_stuck": "cancel",
    "tear_off": "enter",
    "right_due": "cancel",
    "print_trouble": "skip",
    "slips_offered": "skip",
    "sign_here": "skip",
    "eyes": "enter",
    "eyes_which": "enter",
    "wait": "cancel",
    "sign_in_code": "cancel",
    "old_password": "cancel",
    "new_password": "cancel",
    "repeat_password": "cancel",
    "elsewhere": "cancel",
    "stale_reason": "cancel",
    "approval_number": "cancel",
    "approval_password": "cancel",
    "signed_in_offline": "enter",
    "locked": "others",
    "locked_menu": "another",
}
"""On screens that wait for a person, the key that leads to the operator's number. On any other it is one of these, where it has one."""
LEAVES = ("cancel", "back", "skip")


@contextmanager
def wire_to(origin: str, number: str) -> "Iterator[Wire]":
    """A line to one terminal, as its page opens it."""
    address = f"{origin.replace('http', 'ws', 1)}/t/{number}/live"
    with connect(address, origin=Origin(origin), compression=None) as line:
        yield Wire(line)


class Wire:
    """One terminal's line."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._screen: dict[str, Any] = {}
        self._next()

    def speak(self, lang: str) -> None:
        """Choose the language."""
        if self._screen["lang"] != lang:
            self._send(type="lang", lang=lang)
            while self._screen["lang"] != lang:
                self._next()

    def set_device(self, item: str, state: str) -> None:
        """Switch a virtual part of the terminal, one that the page has no switch for."""
        self._send(type="device", item=item, state=state)
        # Not every part is seen on the screen. One line is answered in order, so the language there and back says it is done.
        lang = self._screen["lang"]
        self.speak("en" if lang == "zh" else "zh")
        self.speak(lang)

    def go_home(self) -> None:
        """From wherever an earlier test ended to the operator's number."""
        self._follow("sign_in_number")

    def go_to_standby(self, operator: str = "01", password: str = "0000") -> None:
        """Signed in, nothing begun."""
        self._follow("sign_in_number", "standby")
        if self._screen["id"] == "standby":
            return
        self._press(*operator)
        self._until("sign_in_password")
        self._press(*password, "enter")
        self._until("confirm")
        self._press("enter")
        self._until("signed_in")
        self._press("enter")
        self._until("standby")

    def _follow(self, *ends: str) -> None:
        for _ in range(STEPS_MAX):
            screen = self._screen["id"]
            if screen in ends:
                return
            offered = {choice["key"] for choice in self._screen["choices"]}
            key = WAY_HOME.get(screen) or next((key for key in LEAVES if key in offered), None)
            if key is not None:
                self._press(key)
            before = self._screen
            # One id may stand for two steps, as an original's number and what it found do: what is waited for is another screen.
            while self._screen == before:
                self._next()
        raise AssertionError(f"no way from {self._screen['id']} to {ends}")

    def _until(self, screen: str) -> None:
        while self._screen["id"] != screen:
            self._next()

    def _press(self, *keys: str) -> None:
        for key in keys:
            self._send(type="key", key=key, screen=self._screen["id"])

    def _send(self, **message: str) -> None:
        self._line.send(json.dumps(message))

    def _next(self) -> None:
        while True:
            message = json.loads(self._line.recv(ANSWER_S))
            if message["type"] == "screen":
                self._screen = message["screen"]
                return

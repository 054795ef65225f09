"""The shop's office: the management commands, run beside the shop, and an authenticator for the codes that they enrol."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.worlds.browser_shop import SOURCE, Shop

ANSWER_WITHIN_S = 30.0
STEP_S = 30
"""Time step of RFC 6238."""


class Office:
    """Acts on the data of one shop while it runs."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def act(self, *arguments: str) -> dict[str, Any]:
        """One command; the answer is what it prints as JSON."""
        command = [sys.executable, "-m", "zhanggui", *arguments, "--data", str(self._shop.folder), "--json"]
        ran = subprocess.run(
            command,
            env=os.environ | {"PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            timeout=ANSWER_WITHIN_S,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        answer: dict[str, Any] = json.loads(ran.stdout)
        return answer

    def rule(self, rule: str, value: object) -> None:
        """Set one rule of the policy; `profile` gives it back."""
        self.act("policy", "set", rule, str(value))

    @contextlib.contextmanager
    def rules(self, **wanted: object) -> Iterator[None]:
        """Rules of the policy for a while."""
        for rule, value in wanted.items():
            self.rule(rule, value)
        yield
        for rule in reversed(wanted):
            self.rule(rule, "profile")

    def authenticator(self, number: str) -> "Authenticator":
        """Enrol an operator's sign-in code."""
        enrolled = self.act("operators", "code", number)
        secret = parse_qs(urlsplit(enrolled["otpauth_uri"]).query)["secret"][0]
        return Authenticator(secret, enrolled["digits"])

    def first_password(self, number: str) -> str:
        """Reset an operator's password."""
        return str(self.act("operators", "reset", number)["first_password"])

    def days_pass(self, number: str, days: int) -> None:
        """The operator set the password so many days ago."""
        self._write(
            "UPDATE operators SET factory_password = 0, password_set_ms = password_set_ms - ? WHERE operator_no = ?",
            days * 86_400_000,
            number,
        )

    def _write(self, statement: str, *values: object) -> None:
        with contextlib.closing(
            sqlite3.connect(self._shop.folder / "host" / "host.db", timeout=ANSWER_WITHIN_S)
        ) as store:
            assert store.execute(statement, values).rowcount >= 1
            store.commit()


class Authenticator:
    """An authenticator app: RFC 6238 with SHA-1, as any phone has it."""

    def __init__(self, secret: str, digits: int) -> None:
        self._key = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self._digits = digits

    def code(self) -> str:
        """The code of now."""
        return self._code_of(int(time.time()) // STEP_S)

    def wrong_code(self) -> str:
        """A code of no step nearby."""
        now = int(time.time()) // STEP_S
        near = {self._code_of(step) for step in range(now - 200, now + 200)}
        return next(code for code in ("135792", "246803", "975310", "864209") if code not in near)

    def _code_of(self, step: int) -> str:
        digest = hmac.new(self._key, step.to_bytes(8, "big"), hashlib.sha1).digest()
        at = digest[-1] & 15
        number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
        return str(number % 10**self._digits).zfill(self._digits)

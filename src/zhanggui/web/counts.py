"""What pages answered and how long it took, for whoever watches: counted by the kind of status, and by nothing that says who asked."""

import time
from collections import Counter

from litestar.types import Message, Scope

BEGAN = "began_s"
"""Where it stands in the state of a request."""


class AnswerCounts:
    """The answers of one application."""

    def __init__(self) -> None:
        self.by_status: Counter[str] = Counter()
        """`2xx`, `4xx` …"""
        self.seconds = 0.0
        """From a request to the head of its answer, all together."""

    async def note(self, message: Message, scope: Scope) -> None:
        """An answer begins."""
        if message["type"] == "http.response.start":
            self.by_status[f"{message['status'] // 100}xx"] += 1
            self.seconds += time.perf_counter() - scope.get("state", {}).get(BEGAN, time.perf_counter())

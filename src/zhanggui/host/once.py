"""An act that is done once, however often its program asks: its answer is written in the transaction of what it did.

    token, key, request ─▶ nothing is kept ─▶ the act, and its answer, in one commit
                        ├▶ the same request was answered ─▶ that answer again; nothing is done
                        └▶ another request was ─▶ refused; nothing is done

So a kill between the commit and the answer loses nothing: who asks again is told what came of it. Answers are sealed, for they may
hold what is shown once.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from ..acquirer.people.programs.answers import keep_answer, kept_answer
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import WHOLE_HOST, ApiAnswer
from ..acquirer.rows.state import Needs, State
from ..basics.numbers import MerchantNo, UnixMs
from .acts import UNKNOWN_ACTOR, Act
from .keys import HostKeys

HOME = MerchantNo(WHOLE_HOST)


class Said(msgspec.Struct, frozen=True):
    """An answer: the status of HTTP, and the body."""

    status: int
    body: bytes


class Once:
    """One act under the key that its program gave. `said` makes the answer of what the act came to."""

    def __init__(
        self,
        act: Act[Any],
        token_id: str,
        key: str,
        request: tuple[str, ...],
        keys: HostKeys,
        said: Callable[[Act[Any], Decision], Said],
    ) -> None:
        self.name = act.name
        self.answer: Said | None = None
        """What it came to now; None where it was answered before, or nobody may act."""
        self.earlier: ApiAnswer | None = None
        """What is kept under this key from an earlier request."""
        self._act = act
        self._token_id = token_id
        self._keys = keys
        self._said = said
        self._mark = keys.request_hash("api key", token_id, key).hex()
        self._fingerprint = keys.request_hash("api request", *request)

    @property
    def is_of_another(self) -> bool:
        """Whether the key was used for another request."""
        return self.earlier is not None and self.earlier.fingerprint != self._fingerprint

    def add_needs(self, needs: Needs) -> None:
        """What is kept, and the rows of the act."""
        needs.add(ApiAnswer, (WHOLE_HOST, self._mark))
        self._act.add_needs(needs)

    def more_needs(self, state: State, more: Needs) -> None:
        """As the act says."""
        self._act.more_needs(state, more)

    def decide(self, state: State, now: UnixMs) -> Decision:
        """By the rule of the act, unless it was answered before. A refusal is kept like what was done."""
        self.answer = None
        self.earlier = kept_answer(state, self._mark, now)
        if self.earlier is not None:
            return Decision()
        decision = self._act.decide(state, now)
        if decision.reason == UNKNOWN_ACTOR:
            return decision
        self.answer = self._said(self._act, decision)
        kept = ApiAnswer(
            merchant_no=WHOLE_HOST,
            mark=self._mark,
            token_id=self._token_id,
            fingerprint=self._fingerprint,
            status=self.answer.status,
            body=self._keys.seal_document(HOME, self._mark, self.answer.body),
            made_ms=now,
        )
        return Decision(changes=(*decision.changes, keep_answer(state, kept)), reason=decision.reason)

    def again(self) -> Said | None:
        """The earlier answer to the same request. DocumentDamaged when it was altered."""
        row = self.earlier
        if row is None or self.is_of_another:
            return None
        return Said(row.status, self._keys.open_document(HOME, self._mark, row.body))

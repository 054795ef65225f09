"""The console as a manager: one act, one transaction, beside the running host.

The host notices at its next request that somebody else wrote. Whoever stands here holds the data folder and its passphrase, so
nothing is forbidden; `--by NUMBER` acts on behalf of an operator, with that operator's rights. Which acts there are, and what
each of them asks for, stands in `host/act_table.py`.
"""

import asyncio
from functools import cached_property
from typing import NamedTuple, TypeVar

from ..acquirer.policy.rules import Policy
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import WHOLE_HOST
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo, OperatorNo
from ..basics.secret import Secret
from ..host.acts import Act, ActRow, SecretMaker, perform
from ..host.commit import Door
from ..host.keys import HostKeys, open_host_keys
from ..programs.data_folder import Places, open_host_vault, require_data, store_target
from ..programs.demo import MERCHANT_NO as DEMO_MERCHANT_NO
from ..programs.settings import Settings
from ..store.open import open_store
from .lists import lists_of
from .management_words import refusal_text

A = TypeVar("A")


class Done(NamedTuple):
    """What came of an act: its decision, what is shown this once (if anything), and the policy that held."""

    decision: Decision
    shown: Secret | None
    policy: Policy

    @property
    def secret(self) -> Secret:
        """What is shown this once, of an act that shows something."""
        assert self.shown is not None, "this act makes no secret"
        return self.shown


class Console:
    """Acts on one merchant of a data folder: the named one, or the only one, or the demo's own."""

    def __init__(self, settings: Settings, merchant: str, by: str = "", *, may_be_all: bool = False) -> None:
        """`may_be_all`: whether `*` names all merchants, for acts that know what that means."""
        self.settings = settings
        self.places = Places(settings.data_path)
        require_data(self.places)
        self.chance = SystemChance()
        self.clock = SystemClock()
        is_all = may_be_all and merchant == WHOLE_HOST
        self.merchant_no = MerchantNo(WHOLE_HOST) if is_all else _merchant_no(settings, merchant)
        self._by = operator_number(by) if by else None

    @cached_property
    def keys(self) -> HostKeys:
        """The host's own keys. Slow on purpose: their passphrase is stretched."""
        return open_host_keys(open_host_vault(self.settings, self.places, self.chance), self.places.host_keys)

    def do(self, row: ActRow[A], asked: A) -> Done:
        """Do one act. Misuse, with what to do next, when it is refused."""
        secrets = SecretMaker(lambda: self.keys, self.chance)
        act = Act(row, asked, self.merchant_no, secrets, self._by)
        decision = asyncio.run(self._perform(act))
        if decision.reason:
            raise Misuse(refusal_text(decision.reason, self.settings.lang))
        return Done(decision, act.shown, act.policy)

    async def _perform(self, act: Act[A]) -> Decision:
        store = open_store(store_target(self.settings, self.places))
        try:
            return await perform(act, Door(store, self.clock, self.chance))
        finally:
            await store.close()


def operator_number(text: str) -> OperatorNo:
    """An operator number as it is kept: two digits. Misuse when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise Misuse("an operator number has two digits: 00 the supervisor, 99 the administrator, 01 to 98 cashiers")
    return OperatorNo(text.zfill(2))


def _merchant_no(settings: Settings, wanted: str) -> MerchantNo:
    with lists_of(settings) as queries:
        known = [merchant.merchant_no for merchant in queries.list_merchants()]
    if wanted:
        if wanted not in known:
            raise Misuse(f"there is no merchant {wanted} in these data")
        return MerchantNo(wanted)
    if len(known) != 1 and DEMO_MERCHANT_NO in known and Places(settings.data_path).is_demo:
        # The others are there to be looked at; what a visitor manages is the shop whose terminals he has.
        return DEMO_MERCHANT_NO
    if len(known) != 1:
        raise Misuse("these data hold several merchants; name one with --merchant NUMBER")
    return known[0]

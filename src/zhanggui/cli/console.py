"""The console as a manager: one act, one transaction, beside the running host.

The host notices at its next request that somebody else wrote. Whoever stands here holds the data folder and its passphrase, so
nothing is forbidden. With `--by` somebody else acts, an operator by number or a person of the office by login name: with the own
password and the own rights, and what needs two becomes a proposal. Which acts there are, and what each of them asks for, stands
in `host/act_table.py`.
"""

import asyncio
import sys
from functools import cached_property
from typing import NamedTuple, TypeVar

from ..acquirer.policy.rules import Policy
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import WHOLE_HOST, Proposal
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock, format_time
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo
from ..basics.secret import Secret
from ..basics.words import Lang
from ..host.acts import Act, ActRow, Command, SecretMaker, perform
from ..host.commit import Door
from ..host.keys import HostKeys, open_host_keys
from ..programs.data_folder import Places, open_host_vault, require_data, store_target
from ..programs.demo import MERCHANT_NO as DEMO_MERCHANT_NO
from ..programs.settings import Settings
from ..store.open import open_store
from .lists import lists_of
from .management_words import done_text, refusal_text
from .output import print_json
from .who_acts import by_of, prove

A = TypeVar("A")
EXIT_WAITS = 3
"""What was asked for was not done: another person must confirm it."""


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

    def __init__(
        self,
        settings: Settings,
        merchant: str,
        by: str = "",
        reason: str = "",
        *,
        may_be_all: bool = False,
        of_acquirer: bool = False,
    ) -> None:
        """`may_be_all`: whether `*` names all merchants, for acts that know what that means. `of_acquirer`: what is done concerns
        the acquirer's own people and no shop."""
        self.settings = settings
        self.places = Places(settings.data_path)
        require_data(self.places)
        self.chance = SystemChance()
        self.clock = SystemClock()
        is_all = of_acquirer or (may_be_all and merchant == WHOLE_HOST)
        self.merchant_no = MerchantNo(WHOLE_HOST) if is_all else _merchant_no(settings, merchant)
        self.by = by_of(by)
        self._reason = reason
        self._is_proven = False

    @cached_property
    def keys(self) -> HostKeys:
        """The host's own keys. Slow on purpose: their passphrase is stretched."""
        return open_host_keys(open_host_vault(self.settings, self.places, self.chance), self.places.host_keys)

    def do(self, row: ActRow[A], asked: A) -> Done:
        """Do one act. Misuse, with what to do next, when it is refused; a clean end with `EXIT_WAITS` when another must confirm it."""
        act = Act(row, asked, self.merchant_no, self.secrets, self.by, self._reason)
        decision = self.run(act)
        if act.proposed is not None:
            say_proposed(self.settings.lang, act.proposed)
            raise SystemExit(EXIT_WAITS)
        return Done(decision, act.shown, act.policy)

    @property
    def secrets(self) -> SecretMaker:
        """What makes the secrets of an act."""
        return SecretMaker(lambda: self.keys, self.chance)

    def run(self, command: Command) -> Decision:
        """Do one command, once whoever acts has proven it. Misuse, with what to do next, when it is refused."""
        decision = asyncio.run(self._perform(command))
        if decision.reason:
            raise Misuse(refusal_text(decision.reason, self.settings.lang))
        return decision

    def prove(self) -> None:
        """Whoever acts proves it, before anything is looked at in that name. Misuse when it is somebody else."""
        asyncio.run(self._perform(None))

    async def _perform(self, command: Command | None) -> Decision:
        store = open_store(store_target(self.settings, self.places))
        door = Door(store, self.clock, self.chance)
        try:
            if not self._is_proven:
                await prove(
                    self.by,
                    self.settings,
                    self.merchant_no,
                    lambda asked: perform(asked, door),
                    lambda: self.keys,
                    self.chance,
                    takes_demo=self.places.is_demo,
                )
                self._is_proven = True
            return await perform(command, door) if command is not None else Decision()
        finally:
            await store.close()


def say_proposed(lang: Lang, proposal: Proposal) -> None:
    """Say that an act waits for another person; as JSON where the command was asked for that."""
    if "--json" in sys.argv:
        print_json({"proposal_no": proposal.proposal_no, "act": proposal.act, "state": proposal.state})
        return
    until = format_time(proposal.expires_ms)
    sys.stdout.write(done_text("proposed", lang, number=str(proposal.proposal_no), until=until) + "\n")


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

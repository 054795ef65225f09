"""The console as a manager: one act, one transaction, beside the running host; its links of the chain are written with it.

The host notices at its next request that somebody else wrote. Whoever stands here holds the data folder and its passphrase, so
nothing is forbidden; `--by NUMBER` acts on behalf of an operator, with that operator's rights.
"""

import asyncio
from collections.abc import Callable
from functools import cached_property, partial

from ..acquirer.operators.management import InitialSecret
from ..acquirer.policy.actors import CONSOLE, Actor, console_as
from ..acquirer.policy.rules import Policy, policy_of
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import Merchant, Operator, SignIn
from ..acquirer.rows.state import Needs, State
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo, OperatorNo, UnixMs
from ..basics.secret import Secret
from ..host.commit import Door, Sheet
from ..host.keys import HostKeys, open_host_keys
from ..programs.data_folder import Places, open_host_vault, require_data, store_target
from ..programs.settings import Settings
from ..store.open import open_store
from ..vault.initial_password import draw_password
from ..vault.pinblock import PasswordAccount
from .lists import lists_of
from .management_words import refusal_text

TRIES_MAX = 5
"""Where several hosts write, another may be first; each try loads and decides anew."""
Decide = Callable[[State, Actor, UnixMs], Decision]


class Console:
    """Acts on one merchant of a data folder: the named one, or the only one."""

    def __init__(self, settings: Settings, merchant: str, by: str = "") -> None:
        self.settings = settings
        self.places = Places(settings.data_path)
        require_data(self.places)
        self.chance = SystemChance()
        self.clock = SystemClock()
        self.merchant_no = _merchant_no(settings, merchant)
        self._by = operator_number(by) if by else None

    @cached_property
    def keys(self) -> HostKeys:
        """The host's own keys. Slow on purpose: their passphrase is stretched."""
        return open_host_keys(open_host_vault(self.settings, self.places, self.chance), self.places.host_keys)

    def act(self, needs: Needs, decide: Decide) -> Decision:
        """Load, decide, write. Misuse, with what to do next, when it is refused."""
        decision = asyncio.run(self._act(needs, decide))
        if decision.reason:
            raise Misuse(refusal_text(decision.reason, self.settings.lang))
        return decision

    def first_password(self, policy: Policy, operator_no: OperatorNo) -> tuple[Secret, InitialSecret]:
        """A first password by chance, as long as the policy asks at least, and what is kept of it."""
        password = draw_password(self.chance, policy.password_digits_min, operator_no)
        hsm, salt = self.keys.hsm, self.keys.hsm.new_salt()
        account = PasswordAccount(self.merchant_no, operator_no)
        return password, InitialSecret(salt, hsm.make_verifier(self.keys.verifier_key, salt, account, password))

    def policy(self, state: State) -> Policy:
        """The merchant's policy."""
        merchant = state.get(Merchant, self.merchant_no)
        return policy_of(merchant.policy, merchant.policy_overrides) if merchant is not None else policy_of("basic")

    async def _act(self, needs: Needs, decide: Decide) -> Decision:
        if self._by is not None:
            needs.add(Operator, (self.merchant_no, self._by))
        store = open_store(store_target(self.settings, self.places))
        try:
            door = Door(store, self.clock, self.chance)
            return await door.commit(needs, partial(self._decide, decide), _need_records, tries_max=TRIES_MAX)
        finally:
            await store.close()

    def _decide(self, decide: Decide, sheet: Sheet) -> Decision:
        decision = decide(sheet.state, self._actor(sheet.state), sheet.now)
        if not decision.reason:
            sheet.take(decision.changes)
        return decision

    def _actor(self, state: State) -> Actor:
        if self._by is None:
            return CONSOLE
        operator = state.get(Operator, self.merchant_no, self._by)
        if operator is None or operator.state != "active":
            raise Misuse(refusal_text("unknown_actor", self.settings.lang))
        return console_as(operator)


def _need_records(state: State, more: Needs) -> None:
    for key in state.records_of_sessions():
        more.add(SignIn, key)


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
    if len(known) != 1:
        raise Misuse("these data hold several merchants; name one with --merchant NUMBER")
    return known[0]

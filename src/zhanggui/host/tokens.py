"""Whose a program's token is, and what it may: looked up at each request, so that what was taken away a moment ago is gone."""

import hmac
from collections.abc import Callable

import msgspec

from ..acquirer.people.programs.tokens import counts, may_by_token, more_of_token, used
from ..acquirer.people.rights import What
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import WHOLE_HOST, ApiToken, Person
from ..acquirer.rows.state import Needs, State
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.secret import Secret
from ..vault.api_token import read_api_token
from .acts import RuleCommand
from .keys import HostKeys
from .people import Do


class Holder(msgspec.Struct, frozen=True):
    """Somebody's program: the token that it came with, and whose it is."""

    token: ApiToken
    person: Person

    @property
    def shop(self) -> MerchantNo | None:
        """The only shop whose rows it sees; None: all of them."""
        shop_no = self.token.shop_no or self.person.shop_no
        return MerchantNo(shop_no) if shop_no else None

    def may(self, area: str, what: What, merchant_no: str | None = None) -> bool:
        """Whether it may that at this shop, or (None) where it may see anything."""
        return may_by_token(self.token, self.person, area, what, merchant_no or self.shop)


class TokenDoor:
    """Tells whose a token is. `keys` is called when the key is needed first."""

    def __init__(self, do: Do, keys: Callable[[], HostKeys]) -> None:
        self._do = do
        self._keys = keys

    async def holder(self, text: Secret) -> Holder | None:
        """Who comes with this token; None when it is worth nothing, for whichever reason. Notes the day on which it is used."""
        token_id = read_api_token(text.reveal())
        if token_id is None:
            return None
        mark = self._keys().office_mark("token", text)
        found: list[Holder] = []

        def rule(state: State, now: UnixMs) -> Decision:
            found.clear()
            token = state.get(ApiToken, WHOLE_HOST, token_id)
            person = state.get(Person, WHOLE_HOST, token.login) if token is not None else None
            if token is None or person is None or not hmac.compare_digest(token.mark, mark):
                return Decision()
            if not counts(token, person, now):
                return Decision()
            found.append(Holder(token, person))
            noted = used(token, now)
            return Decision(changes=(noted,)) if noted is not None else Decision()

        needs = Needs({ApiToken: [(WHOLE_HOST, token_id)]})
        await self._do(RuleCommand("token", needs, lambda state, more: more_of_token(state, token_id, more), rule))
        return found[0] if found else None

"""A program that uses the interface by a token, over TCP."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx
from tests.worlds.house import House
from tests.worlds.office import PATIENCE_S, SHOP

from zhanggui.acquirer.people.programs.tokens import NewToken, OneToken
from zhanggui.acquirer.people.rights import AREAS
from zhanggui.acquirer.rows.records import WHOLE_HOST, ApiToken
from zhanggui.basics.numbers import MerchantNo
from zhanggui.host.act_table import ACTS
from zhanggui.host.acts import Act, ByPerson
from zhanggui.host.deciding import Deciding
from zhanggui.host.token_acts import ADD_TOKEN, ROTATE_TOKEN
from zhanggui.office.api.routes import BASE

ALL_SHOPS = MerchantNo(WHOLE_HOST)
EVERY_VIEW = " ".join(f"{area}:view" for area in AREAS)


class Program:
    """One program, with a token or without."""

    def __init__(self, address: str, token: str = "", lang: str = "en") -> None:
        self.token = token
        headers = {"accept-language": lang} | ({"authorization": f"Bearer {token}"} if token else {})
        self._client = httpx.Client(
            base_url=address.rstrip("/") + BASE, trust_env=False, timeout=PATIENCE_S, headers=headers
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, **query: str) -> httpx.Response:
        """Ask for something."""
        return self._client.get(path, params=query)

    def rows(self, path: str, **query: str) -> list[dict[str, Any]]:
        """The rows of a list."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["rows"]
        return rows

    def act(self, name: str, body: Mapping[str, Any], key: str | None = None) -> httpx.Response:
        """Do an act, under a key of its own where none is given."""
        return self._client.post(f"/acts/{name}", json=dict(body), headers={"idempotency-key": key or str(uuid4())})

    def send(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Send whatever it is."""
        return self._client.request(method, path, **rest)


def token_for(house: House, login: str, scopes: str, at: MerchantNo = SHOP) -> str:
    """Make a token in somebody's name, as the console does it for whoever has the password; where it takes two, with the reviewer."""
    asked = NewToken(name="测试程序", scopes=scopes)
    act = Act(ADD_TOKEN, asked, at, house.secrets, ByPerson(login), "接入报表")
    decision = house.submit(act)
    assert not decision.reason, decision.reason
    secret = act.shown
    if act.proposed is not None:
        number = act.proposed.proposal_no
        decision = house.submit(Deciding(ACTS, "confirm", at, number, ByPerson("demo.reviewer"), house.secrets))
        assert not decision.reason, decision.reason
        (made,) = (row for change in decision.changes if isinstance(row := change.record, ApiToken))
        secret = house.do(ROTATE_TOKEN, OneToken(made.token_id), at, ByPerson(login))
    assert secret is not None
    return secret.reveal()

"""What a program learns of itself: whose token it has, what it may, until when."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response

from ...views.tokens import TokenRow, token_row
from ..routes import Everybody
from .call import Call
from .lists import LOOKED
from .problems import API_WORDS
from .rates import PER_MINUTE
from .routes import ApiRoute, Operation


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """The token that came, and how often it may ask."""

    token: TokenRow
    per_minute: dict[str, int]


async def own(call: Call) -> Response[Any]:
    """The token that came."""
    row = token_row(call.holder.token, call.desk.clock.now())
    return call.json(Own(token=row, per_minute=dict(PER_MINUTE.items())))


ROUTES = (
    ApiRoute(
        method="GET",
        path="/token",
        right=Everybody("whoever has a token may know what it is", signed_in=True),
        note=LOOKED,
        operation=Operation(
            name="own_token", said=API_WORDS["own.token"], group="tokens", answers=((HTTPStatus.OK, Own),)
        ),
        answer=own,
    ),
)

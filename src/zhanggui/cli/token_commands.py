"""The commands about tokens of programs: `tokens`. Each is loaded when it is called."""

from typing import Annotated

from cyclopts import App, Parameter

from ..acquirer.people.programs.tokens import DAYS_MAX, DAYS_USUAL
from .list_commands import Where
from .management_commands import MANAGE
from .options import AT_MERCHANT, MANAGING, AtMerchant, Managing, Rows, Why, Wide, bounded

tokens_app = App(
    name="tokens", help="接口令牌：程序凭它使用 REST 接口。Tokens of programs that use the interface.", group=MANAGE
)
Token = Annotated[str, Parameter(help="令牌号 token, as 'zhanggui tokens list' shows it")]
Scopes = Annotated[
    list[str],
    Parameter(name="--scope", help="权限，可重复 what it may, such as payments:view; may be given again", negative=""),
]
Days = Annotated[int, Parameter(help="有效天数 days that it is good for", validator=bounded(1, DAYS_MAX))]


@tokens_app.command(name="list")
def tokens_list(*, where: Where = (), limit: Rows = 50, wide: Wide = False, common: AtMerchant = AT_MERCHANT) -> None:
    """令牌及其状态。Tokens and how they stand; never a secret."""
    from . import asked_lists

    given = {"shop": common.merchant}
    asked_lists.show(common.settings(), "tokens", where, given, limit=limit, is_wide=wide, as_json=common.json)


@tokens_app.command(name="add")
def tokens_add(
    name: Annotated[str, Parameter(help="名称 what it is called")],
    /,
    *,
    scope: Scopes,
    days: Days = DAYS_USUAL,
    reason: Why = "",
    common: Managing = MANAGING,
) -> None:
    """以本人名义发放令牌；密钥只显示一次。--merchant '*' 为所有商户。Make a token in one's own name; its secret is shown once."""
    from . import tokens

    tokens.add(common.settings(), common.merchant, common.by, name, scope, days, reason, as_json=common.json)


@tokens_app.command(name="rotate")
def tokens_rotate(token: Token, /, *, common: Managing = MANAGING) -> None:
    """领取或更换本人令牌的密钥；原密钥立即失效。Draw the secret of one's own token, or another one; the one before ends at once."""
    from . import tokens

    tokens.rotate(common.settings(), common.by, token, as_json=common.json)


@tokens_app.command(name="revoke")
def tokens_revoke(token: Token, /, *, common: Managing = MANAGING) -> None:
    """吊销，立即失效。Revoke it; it is worth nothing at once."""
    from . import tokens

    tokens.revoke(common.settings(), common.by, token, as_json=common.json)

"""The commands about issuer scripts: `scripts`. Each is loaded when it is called."""

from typing import Annotated

from cyclopts import App, Parameter

from ..cup.values.issuer_script import OFFLINE_LIMIT_MAX
from .findings_commands import LOOK
from .options import AT_MERCHANT, PRINTING, AtMerchant, Printing, Rows, bounded

scripts_app = App(
    name="scripts", help="发卡行给芯片卡的脚本。What issuers had chips told, and what became of it.", group=LOOK
)
TestCard = Annotated[str, Parameter(help="卡号，或测试卡名如 main card number, or a test card such as main")]


@scripts_app.default
def scripts(*, limit: Rows = 50, common: AtMerchant = AT_MERCHANT) -> None:
    """主机收到的脚本结果，新的在前。What became of scripts as terminals told it, newest first."""
    from . import scripts as command

    command.list_scripts(common.settings(), common.merchant, limit, as_json=common.json)


@scripts_app.command(name="order")
def scripts_order(
    card: TestCard,
    /,
    *,
    offline_limit: Annotated[
        int | None,
        Parameter(help="改脱机交易次数下限 set the offline limit", validator=bounded(0, OFFLINE_LIMIT_MAX)),
    ] = None,
    block: Annotated[bool, Parameter(negative="", help="锁定卡上应用 block the card's application")] = False,
    common: Printing = PRINTING,
) -> None:
    """让模拟发卡行在下一次应答里给卡一条命令。Have the simulated bank tell a chip something with its next answer."""
    from . import scripts as command

    command.order(common.settings(), card, offline_limit, block=block, as_json=common.json)


@scripts_app.command(name="ordered")
def scripts_ordered(*, common: Printing = PRINTING) -> None:
    """模拟发卡行发出的命令及结果。What the simulated bank has for its chips, and how it stands."""
    from . import scripts as command

    command.ordered(common.settings(), as_json=common.json)

"""The commands about webhooks: `webhooks`. Each is loaded when it is called."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from ..acquirer.webhooks.managing import NUMBERS
from .management_commands import MANAGE
from .options import AT_MERCHANT, MANAGING, AtMerchant, Managing, Rows, Wide, bounded

webhooks_app = App(
    name="webhooks",
    help="事件推送：把签到、交易、结算告诉别的程序。Webhooks: what programs of others are told.",
    group=MANAGE,
)
_NUMBER = Parameter(
    help="推送号 number of the webhook; 'zhanggui webhooks' lists them", validator=bounded(NUMBERS[0], NUMBERS[-1])
)
Number = Annotated[int, _NUMBER]
Events = Annotated[
    list[Literal["sign_in", "payment", "settlement", "case"]],
    Parameter(name="--event", help="事件，可重复 an event to hear of; may be given again", negative=""),
]


@webhooks_app.default
def webhooks(*, wide: Wide = False, common: AtMerchant = AT_MERCHANT) -> None:
    """推送地址及其状态。Webhooks and how they stand."""
    from . import webhooks as command

    command.list_webhooks(common.settings(), common.merchant, as_json=common.json, is_wide=wide)


@webhooks_app.command(name="messages")
def webhooks_messages(
    number: Annotated[int | None, _NUMBER] = None,
    /,
    *,
    limit: Rows = 50,
    wide: Wide = False,
    common: AtMerchant = AT_MERCHANT,
) -> None:
    """推送过的消息与对方应答，新的在前。What was sent and what came of it, newest first."""
    from . import webhooks as command

    command.list_messages(common.settings(), common.merchant, number, limit, as_json=common.json, is_wide=wide)


@webhooks_app.command(name="add")
def webhooks_add(
    address: Annotated[str, Parameter(help="地址 https://… where messages are posted to")],
    /,
    *,
    event: Events,
    common: Managing = MANAGING,
) -> None:
    """增加推送地址；密钥只显示一次。--merchant '*' 为所有商户。Add a webhook; its secret is shown once. --merchant '*' hears of all shops."""
    from . import webhooks as command

    command.add(common.settings(), common.merchant, common.by, address, event, as_json=common.json)


@webhooks_app.command(name="change")
def webhooks_change(
    number: Number,
    /,
    *,
    address: Annotated[str, Parameter(help="新地址 https://… the new address")] = "",
    event: Events | None = None,
    common: Managing = MANAGING,
) -> None:
    """更改推送地址或事件；没写的不变。Another address, or other events; what is not named stays."""
    from . import webhooks as command

    command.change(common.settings(), common.merchant, common.by, number, address, event or [], as_json=common.json)


@webhooks_app.command(name="again")
def webhooks_again(
    number: Number,
    message: Annotated[
        str, Parameter(help="消息号 number of the message, msg_…; 'webhooks messages --wide' lists them")
    ],
    /,
    *,
    shop: Annotated[str, Parameter(help="消息所说的商户（默认为推送所属商户） the shop that it is about")] = "",
    common: Managing = MANAGING,
) -> None:
    """把一条已结束的消息再发一次。Send a message once more that was sent, failed or given up."""
    from . import webhooks as command

    command.send_again(common.settings(), common.merchant, common.by, number, message, shop, as_json=common.json)


@webhooks_app.command(name="pause")
def webhooks_pause(number: Number, /, *, common: Managing = MANAGING) -> None:
    """暂停推送。Stop telling it anything for a while."""
    from . import webhooks as command

    command.move(common.settings(), common.merchant, common.by, number, "paused", as_json=common.json)


@webhooks_app.command(name="resume")
def webhooks_resume(number: Number, /, *, common: Managing = MANAGING) -> None:
    """恢复推送；未送达的消息重新计三天。Go on telling it; what waits has three days anew."""
    from . import webhooks as command

    command.move(common.settings(), common.merchant, common.by, number, "resumed", as_json=common.json)


@webhooks_app.command(name="remove")
def webhooks_remove(number: Number, /, *, common: Managing = MANAGING) -> None:
    """移除推送地址；未送达的消息不再发送。Remove it; what waits for it is not sent any more."""
    from . import webhooks as command

    command.move(common.settings(), common.merchant, common.by, number, "removed", as_json=common.json)


@webhooks_app.command(name="rotate")
def webhooks_rotate(number: Number, /, *, common: Managing = MANAGING) -> None:
    """更换密钥，只显示一次；一天内新旧两个签名都带。Another secret, shown once; for a day messages are signed with both."""
    from . import webhooks as command

    command.rotate(common.settings(), common.merchant, common.by, number, as_json=common.json)


@webhooks_app.command(name="test")
def webhooks_test(number: Number, /, *, common: Managing = MANAGING) -> None:
    """发一条测试消息。Send it a message that tells of nothing."""
    from . import webhooks as command

    command.move(common.settings(), common.merchant, common.by, number, "tested", as_json=common.json)

"""The commands that manage: `policy`, `operators`, `terminals`, `db`. Each is loaded when it is called."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Group, Parameter

from ..acquirer.policy.shift_codes import HOURS_MAX as CODE_HOURS_MAX
from ..basics.errors import Misuse
from ..cup.order_kinds import GIVEN_KINDS
from ..cup.order_kinds import HOURS_MAX as ORDER_HOURS_MAX
from .options import (
    AT_MERCHANT,
    COMMON,
    MANAGING,
    PRINTING,
    AtMerchant,
    Common,
    Managing,
    PagePort,
    Printing,
    Rows,
    Why,
    Wide,
    bounded,
)

MANAGE = Group("管理 Manage", sort_key=4)
Number = Annotated[str, Parameter(help="操作员号 operator number")]
BadgeFile = Annotated[Path | None, Parameter(help="写到此文件 write it to this file")]
Profile = Literal["basic", "strict", "nist"]

policy_app = App(
    name="policy", help="策略：每项规则的值与依据。Policy: each rule, its value and its source.", group=MANAGE
)
operators_app = App(name="operators", help="操作员。Operators.", group=MANAGE)
db_app = App(name="db", help="数据库备份。Copies of the databases.", group=MANAGE)
terminals_app = App(name="terminals", help="终端。Terminals.", group=MANAGE)


@policy_app.command(name="report")
def policy_report(
    *,
    profile: Annotated[Profile | None, Parameter(help="只看某一方案 this profile as it stands")] = None,
    wide: Wide = False,
    common: AtMerchant = AT_MERCHANT,
) -> None:
    """列出每项规则、值、可设范围与依据。Each rule, its value, what it may be, and its source."""
    from . import policy

    policy.show(common.settings(), profile, common.merchant, is_wide=wide, as_json=common.json)


@policy_app.command(name="set")
def policy_set(
    rule: Annotated[str, Parameter(help="规则 rule, such as idle_lock_s")],
    value: Annotated[str, Parameter(help="值；写 profile 恢复方案值 value; 'profile' gives it back")],
    /,
    *,
    reason: Why = "",
    common: Managing = MANAGING,
) -> None:
    """为商户改一项规则，须在范围之内。Set one rule for a merchant, within its bounds."""
    from . import policy

    policy.set_rule(common.settings(), common.merchant, common.by, rule, value, reason, as_json=common.json)


@policy_app.command(name="use")
def policy_use(
    profile: Annotated[Profile, Parameter(help="方案 profile")], /, *, reason: Why = "", common: Managing = MANAGING
) -> None:
    """为商户换策略方案。Give a merchant another profile."""
    from . import policy

    policy.use(common.settings(), common.merchant, common.by, profile, reason, as_json=common.json)


@policy_app.command(name="kind")
def policy_kind(
    kind: Annotated[str, Parameter(help="交易类型 kind of payment, such as sale")],
    use: Annotated[Literal["yes", "no"], Parameter(help="是否可用 whether the shop may use it")],
    /,
    *,
    common: Managing = MANAGING,
) -> None:
    """规定商户可否办理一种交易。Let a merchant use a kind of payment, or no longer."""
    from . import policy

    policy.use_kind(common.settings(), common.merchant, common.by, kind, is_used=use == "yes", as_json=common.json)


@operators_app.command(name="list")
def operators_list(*, wide: Wide = False, common: Managing = MANAGING) -> None:
    """操作员及其状态。Operators and how they stand."""
    from . import operators

    operators.list_operators(common.settings(), common.merchant, common.by, is_wide=wide, as_json=common.json)


@operators_app.command(name="add")
def operators_add(
    number: Number,
    name: Annotated[str, Parameter(help="姓名 name")],
    /,
    *,
    user_name: Annotated[str, Parameter(help="用户名 user name")] = "",
    common: Managing = MANAGING,
) -> None:
    """增加操作员；初始密码只显示一次。Add an operator; the first password is shown once."""
    from . import operators

    operators.add(common.settings(), common.merchant, common.by, number, name, user_name, as_json=common.json)


@operators_app.command(name="rename")
def operators_rename(
    number: Number,
    name: Annotated[str | None, Parameter(help="姓名 name")] = None,
    /,
    *,
    user_name: Annotated[str | None, Parameter(help="用户名，空为取消 user name; empty takes it away")] = None,
    common: Managing = MANAGING,
) -> None:
    """修改姓名或用户名。Change name or user name."""
    from . import operators

    operators.rename(common.settings(), common.merchant, common.by, number, name, user_name, as_json=common.json)


@operators_app.command(name="disable")
def operators_disable(number: Number, /, *, common: Managing = MANAGING) -> None:
    """停用操作员，其会话立即结束。Disable an operator; sessions end at once."""
    from . import operators

    operators.act(common.settings(), common.merchant, common.by, number, "disabled", as_json=common.json)


@operators_app.command(name="enable")
def operators_enable(number: Number, /, *, common: Managing = MANAGING) -> None:
    """启用操作员，密码不变。Enable an operator; the password stays."""
    from . import operators

    operators.act(common.settings(), common.merchant, common.by, number, "enabled", as_json=common.json)


@operators_app.command(name="reset")
def operators_reset(number: Number, /, *, common: Managing = MANAGING) -> None:
    """重置密码；初始密码只显示一次，首次使用须修改。Reset the password; the first one is shown once and must be changed."""
    from . import operators

    operators.reset(common.settings(), common.merchant, common.by, number, as_json=common.json)


@operators_app.command(name="unlock")
def operators_unlock(number: Number, /, *, common: Managing = MANAGING) -> None:
    """解除连续输错的等待与锁定。Forget the wrong tries of an operator."""
    from . import operators

    operators.act(common.settings(), common.merchant, common.by, number, "unlocked", as_json=common.json)


@operators_app.command(name="code")
def operators_code(
    number: Annotated[str, Parameter(help="操作员号 operator number")] = "",
    /,
    *,
    shift: Annotated[bool, Parameter(name="--shift", negative="", help="班次代码 the code of a shift")] = False,
    begins: Annotated[
        str, Parameter(name="--from", help="班次何时开始（如 2026-11-30T08:00） when the shift begins")
    ] = "",
    hours: Annotated[
        int | None,
        Parameter(
            name="--hours", help="代码有效几小时 hours for which it counts", validator=bounded(1, CODE_HOURS_MAX)
        ),
    ] = None,
    common: Managing = MANAGING,
) -> None:
    """登记某人的签到代码（二维码只显示一次），或设置本班、下一班的代码。Enrol a sign-in code (QR, shown once), or set a shift's."""
    from . import operators
    from .who_acts import operator_number

    settings = common.settings()
    if shift and not number:
        operators.set_shift_code(settings, common.merchant, common.by, as_json=common.json, begins=begins, hours=hours)
    else:
        operators.enrol_code(
            settings, common.merchant, common.by, operator_number("" if shift else number), as_json=common.json
        )


@operators_app.command(name="badge")
def operators_badge(
    number: Number,
    /,
    *,
    png: BadgeFile = None,
    pdf: BadgeFile = None,
    card: BadgeFile = None,
    revoke: Annotated[bool, Parameter(name="--revoke", negative="", help="吊销 take the badge away")] = False,
    common: Managing = MANAGING,
) -> None:
    """制发工牌（二维码图、PDF 或虚拟员工卡；原有工牌即刻作废），或吊销。Issue a badge (an earlier one is worth nothing then), or revoke it."""
    from . import operators

    wanted = {kind: path for kind, path in (("png", png), ("pdf", pdf), ("card", card)) if path is not None}
    if revoke:
        if wanted:
            raise Misuse("--revoke takes the badge away and makes no file")
        operators.revoke_badge(common.settings(), common.merchant, common.by, number, as_json=common.json)
    else:
        operators.issue_badge(common.settings(), common.merchant, common.by, number, wanted, as_json=common.json)


@operators_app.command(name="sign-out")
def operators_sign_out(number: Number, /, *, common: Managing = MANAGING) -> None:
    """远程签退，终端在下一条报文时得知。End an operator's sessions; the terminal hears it with its next message."""
    from . import operators

    operators.act(common.settings(), common.merchant, common.by, number, "signed_out", as_json=common.json)


@operators_app.command(name="notes")
def operators_notes(*, limit: Rows = 50, common: AtMerchant = AT_MERCHANT) -> None:
    """管理记录：谁改了什么。Audit notes: who changed what."""
    from . import operators

    operators.list_notes(common.settings(), common.merchant, limit, as_json=common.json)


Folder = Annotated[Path, Parameter(help="备份目录 folder of the copies")]


@db_app.command(name="backup")
def db_backup(folder: Folder, /, *, common: Common = COMMON) -> None:
    """运行中备份主机与银行的数据库。Copy the databases of host and bank, also while they run."""
    from . import database

    database.backup(common.settings(), folder)


@db_app.command(name="restore")
def db_restore(folder: Folder, /, *, common: Common = COMMON) -> None:
    """恢复备份；先结束主机与银行。Put copies back; end host and bank first."""
    from . import database

    database.restore(common.settings(), folder)


@db_app.command(name="check")
def db_check(*, common: Common = COMMON) -> None:
    """通读数据库，检查是否损坏。Read the databases through."""
    from . import database

    database.check(common.settings())


@terminals_app.command(name="list")
def terminals_list(*, common: AtMerchant = AT_MERCHANT) -> None:
    """终端及其状态。Terminals and how they stand."""
    from . import terminals

    terminals.list_terminals(common.settings(), common.merchant, as_json=common.json)


@terminals_app.command(name="unlock")
def terminals_unlock(
    number: Annotated[str, Parameter(help="终端号 terminal number")], /, *, common: Managing = MANAGING
) -> None:
    """解除终端因多次输错的锁定。Let people sign in on a terminal again after many wrong tries."""
    from . import terminals

    terminals.unlock(common.settings(), common.merchant, common.by, number, as_json=common.json)


@terminals_app.command(name="order")
def terminals_order(
    number: Annotated[str, Parameter(help="终端号 terminal number")],
    kind: Annotated[str, Parameter(help=f"指令 order: {', '.join(GIVEN_KINDS)}")],
    text: Annotated[str, Parameter(help="内容 text, where the order has one")] = "",
    /,
    *,
    hours: Annotated[
        int | None, Parameter(help="有效小时数 hours that it is good for", validator=bounded(1, ORDER_HOURS_MAX))
    ] = None,
    common: Managing = MANAGING,
) -> None:
    """向终端下达一次性指令，终端答复一次。Order a terminal to do something, once."""
    from . import terminals

    terminals.order(common.settings(), common.merchant, common.by, number, kind, text, hours, as_json=common.json)


@terminals_app.command(name="orders")
def terminals_orders(
    *,
    terminal: Annotated[str, Parameter(help="终端号 terminal number")] = "",
    limit: Rows = 50,
    wide: Wide = False,
    common: AtMerchant = AT_MERCHANT,
) -> None:
    """终端指令及其结果。Orders to terminals, and what became of them."""
    from . import terminals

    terminals.list_orders(common.settings(), common.merchant, terminal, limit, as_json=common.json, is_wide=wide)


@terminals_app.command(name="code")
def terminals_code(
    number: Annotated[str, Parameter(help="终端号 terminal number")],
    /,
    *,
    city: Annotated[str, Parameter(help="城市，印在码里 city, as the code says it")] = "上海",
    category: Annotated[str, Parameter(help="商户类别码 category of the shop (MCC)")] = "5411",
    withdraw: Annotated[bool, Parameter(help="停用 take it away", negative=())] = False,
    common: Managing = MANAGING,
) -> None:
    """在终端柜台启用台牌（静态收款码），或停用。Put the code on the counter of a terminal that customers pay by, or withdraw it."""
    from . import counter_card as command

    if withdraw:
        command.withdraw(common.settings(), common.merchant, common.by, number, as_json=common.json)
    else:
        command.put(common.settings(), common.merchant, common.by, number, category, city, as_json=common.json)


@terminals_app.command(name="code-card")
def terminals_code_card(
    number: Annotated[str, Parameter(help="终端号 terminal number")],
    file: Annotated[Path, Parameter(help="新图片文件 a new picture file, PNG")],
    /,
    *,
    common: AtMerchant = AT_MERCHANT,
) -> None:
    """把台牌画成可打印的图片。Draw the card with the code, to print and to put on the counter."""
    from . import counter_card as command

    command.card(common.settings(), common.merchant, number, file, as_json=common.json)


@terminals_app.command(name="part")
def terminals_part(
    number: Annotated[str, Parameter(help="终端号 terminal number")],
    part: Annotated[str, Parameter(help="部件 part")],
    state: Annotated[
        str,
        Parameter(
            help="状态 state: power ok|battery|low|fail, network ok|down, keypad ok|stuck, display ok|dim|fail, "
            "card_reader ok|hasty|blind|fail, scanner ok|fail, printer ok|low_paper|no_paper|fail, clock ok|drift, tamper ok|opened"
        ),
    ],
    /,
    *,
    page_port: PagePort = None,
    common: Printing = PRINTING,
) -> None:
    """切换运行中终端的模拟部件。Switch a simulated part of a running terminal to a state."""
    from . import terminal_parts

    terminal_parts.switch_part(common.settings(terminal__port=page_port), number, part, state, as_json=common.json)

"""The commands that manage: `policy`, `operators`, `terminals`. Each is loaded when it is called."""

from typing import Annotated, Literal

from cyclopts import App, Group, Parameter

from .options import Config, Data, Json, Lang, settings_of

_MANAGE = Group("管理 Manage", sort_key=4)
MerchantOption = Annotated[str, Parameter(name="--merchant", help="商户号 merchant number (the only one)")]
ByOption = Annotated[
    str, Parameter(name="--by", help="代表某操作员，按其权限 on behalf of this operator, with that operator's rights")
]
Number = Annotated[str, Parameter(help="操作员号 operator number")]
Profile = Literal["basic", "strict", "nist"]

policy_app = App(
    name="policy", help="策略：每项规则的值与依据。Policy: each rule, its value and its source.", group=_MANAGE
)
operators_app = App(name="operators", help="操作员。Operators.", group=_MANAGE)
terminals_app = App(name="terminals", help="终端。Terminals.", group=_MANAGE)


@policy_app.command(name="report")
def policy_report(
    *,
    profile: Annotated[Profile | None, Parameter(help="只看某一方案 this profile as it stands")] = None,
    merchant: MerchantOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """列出每项规则、值、可设范围与依据。Each rule, its value, what it may be, and its source."""
    from . import policy

    policy.show(settings_of(config, data, lang), profile, merchant, as_json=json)


@policy_app.command(name="set")
def policy_set(
    rule: Annotated[str, Parameter(help="规则 rule, such as idle_lock_s")],
    value: Annotated[str, Parameter(help="值；写 profile 恢复方案值 value; 'profile' gives it back")],
    *,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """为商户改一项规则，须在范围之内。Set one rule for a merchant, within its bounds."""
    from . import policy

    policy.set_rule(settings_of(config, data, lang), merchant, by, rule, value, as_json=json)


@policy_app.command(name="use")
def policy_use(
    profile: Annotated[Profile, Parameter(help="方案 profile")],
    *,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """为商户换策略方案。Give a merchant another profile."""
    from . import policy

    policy.use(settings_of(config, data, lang), merchant, by, profile, as_json=json)


@operators_app.command(name="list")
def operators_list(
    *,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """操作员及其状态。Operators and how they stand."""
    from . import operators

    operators.list_operators(settings_of(config, data, lang), merchant, by, as_json=json)


@operators_app.command(name="add")
def operators_add(
    number: Number,
    name: Annotated[str, Parameter(help="姓名 name")],
    *,
    user_name: Annotated[str, Parameter(help="用户名 user name")] = "",
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """增加操作员；初始密码只显示一次。Add an operator; the first password is shown once."""
    from . import operators

    operators.add(settings_of(config, data, lang), merchant, by, number, name, user_name, as_json=json)


@operators_app.command(name="rename")
def operators_rename(
    number: Number,
    name: Annotated[str | None, Parameter(help="姓名 name")] = None,
    *,
    user_name: Annotated[str | None, Parameter(help="用户名，空为取消 user name; empty takes it away")] = None,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """修改姓名或用户名。Change name or user name."""
    from . import operators

    operators.rename(settings_of(config, data, lang), merchant, by, number, name, user_name, as_json=json)


@operators_app.command(name="disable")
def operators_disable(
    number: Number,
    *,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """停用操作员，其会话立即结束。Disable an operator; sessions end at once."""
    from . import operators

    operators.act(settings_of(config, data, lang), merchant, by, number, "disabled", as_json=json)


@operators_app.command(name="enable")
def operators_enable(
    number: Number,
    *,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """启用操作员，密码不变。Enable an operator; the password stays."""
    from . import operators

    operators.act(settings_of(config, data, lang), merchant, by, number, "enabled", as_json=json)


@operators_app.command(name="reset")
def operators_reset(
    number: Number,
    *,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """重置密码；初始密码只显示一次，首次使用须修改。Reset the password; the first one is shown once and must be changed."""
    from . import operators

    operators.reset(settings_of(config, data, lang), merchant, by, number, as_json=json)


@operators_app.command(name="unlock")
def operators_unlock(
    number: Number,
    *,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """解除连续输错的等待与锁定。Forget the wrong tries of an operator."""
    from . import operators

    operators.act(settings_of(config, data, lang), merchant, by, number, "unlocked", as_json=json)


@operators_app.command(name="code")
def operators_code(
    number: Annotated[str, Parameter(help="操作员号 operator number")] = "",
    *,
    shift: Annotated[bool, Parameter(name="--shift", negative="", help="班次代码 the code of the shift")] = False,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """登记某人的签到代码（二维码只显示一次），或换班次代码。Enrol a sign-in code (QR, shown once), or a new code of the shift."""
    from . import operators
    from .console import operator_number

    settings = settings_of(config, data, lang)
    if shift and not number:
        operators.set_shift_code(settings, merchant, by, as_json=json)
    else:
        operators.enrol_code(settings, merchant, by, operator_number("" if shift else number), as_json=json)


@operators_app.command(name="sign-out")
def operators_sign_out(
    number: Number,
    *,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """远程签退，终端在下一条报文时得知。End an operator's sessions; the terminal hears it with its next message."""
    from . import operators

    operators.act(settings_of(config, data, lang), merchant, by, number, "signed_out", as_json=json)


@operators_app.command(name="notes")
def operators_notes(
    *,
    merchant: MerchantOption = "",
    limit: int = 50,
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """管理记录：谁改了什么。Audit notes: who changed what."""
    from . import operators

    operators.list_notes(settings_of(config, data, lang), merchant, limit, as_json=json)


@terminals_app.command(name="list")
def terminals_list(
    *, merchant: MerchantOption = "", data: Data = None, lang: Lang = None, config: Config = None, json: Json = False
) -> None:
    """终端及其状态。Terminals and how they stand."""
    from . import terminals

    terminals.list_terminals(settings_of(config, data, lang), merchant, as_json=json)


@terminals_app.command(name="unlock")
def terminals_unlock(
    number: Annotated[str, Parameter(help="终端号 terminal number")],
    *,
    merchant: MerchantOption = "",
    by: ByOption = "",
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """解除终端因多次输错的锁定。Let people sign in on a terminal again after many wrong tries."""
    from . import terminals

    terminals.unlock(settings_of(config, data, lang), merchant, by, number, as_json=json)

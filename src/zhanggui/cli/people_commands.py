"""The commands about people of the office and what two of them decide: `people`, `proposals`. Each is loaded when it is called."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from ..acquirer.rows.records import OfficeRole, ProposalState
from .management_commands import MANAGE
from .options import (
    AT_MERCHANT,
    MANAGING,
    NUMBER_MAX,
    PRINTING,
    AtMerchant,
    Managing,
    Printing,
    Rows,
    Why,
    Wide,
    bounded,
)

people_app = App(name="people", help="后台人员。People of the office.", group=MANAGE)
proposals_app = App(
    name="proposals", help="须两人办理的事：提议与确认。What needs two: proposals, and who confirms.", group=MANAGE
)
Login = Annotated[str, Parameter(help="登录名 login name")]
Name = Annotated[str, Parameter(help="姓名 name")]
Role = Annotated[OfficeRole, Parameter(help="角色 role")]
No = Annotated[int, Parameter(help="提议序号 number of the proposal", validator=bounded(1, NUMBER_MAX))]
OfAcquirer = Annotated[
    bool, Parameter(name="--acquirer", negative="", help="收单方人员的提议 of the acquirer's own people")
]


@people_app.command(name="list")
def people_list(*, wide: Wide = False, common: AtMerchant = AT_MERCHANT) -> None:
    """后台人员及其状态。People of the office and how they stand."""
    from . import people

    people.list_people(common.settings(), common.merchant, is_wide=wide, as_json=common.json)


@people_app.command(name="first")
def people_first(login: Login, name: Name, /, *, common: Printing = PRINTING) -> None:
    """邀请第一位管理员；链接只显示一次，只能用一次。Invite the first administrator, by a link that is shown once and works once."""
    from . import people

    people.first(common.settings(), login, name, as_json=common.json)


@people_app.command(name="invite")
def people_invite(
    login: Login,
    name: Name,
    role: Role,
    /,
    *,
    operator: Annotated[str, Parameter(help="同一人在店里的操作员号 the same person as an operator of the shop")] = "",
    reason: Why = "",
    common: Managing = MANAGING,
) -> None:
    """邀请一位后台人员；链接只显示一次。Invite somebody; the link is shown once. Owner and manager belong to a shop."""
    from . import people

    people.invite(
        common.settings(), common.merchant, common.by, login, name, role, operator, reason, as_json=common.json
    )


@people_app.command(name="reset")
def people_reset(login: Login, /, *, reason: Why = "", common: Managing = MANAGING) -> None:
    """忘记密码或换手机：重发一次性链接，会话立即结束。For a lost password or phone: a new link; sessions end at once."""
    from . import people

    people.act(common.settings(), common.by, login, "reset", reason, as_json=common.json)


@people_app.command(name="disable")
def people_disable(login: Login, /, *, common: Managing = MANAGING) -> None:
    """停用，会话立即结束。Disable somebody; sessions end at once."""
    from . import people

    people.act(common.settings(), common.by, login, "disabled", as_json=common.json)


@people_app.command(name="enable")
def people_enable(login: Login, /, *, reason: Why = "", common: Managing = MANAGING) -> None:
    """解除锁定；停用的人凭新链接重新设密码。Take a lock away; whoever was disabled comes back by a new link."""
    from . import people

    people.act(common.settings(), common.by, login, "enabled", reason, as_json=common.json)


@people_app.command(name="role")
def people_role(login: Login, role: Role, /, *, reason: Why = "", common: Managing = MANAGING) -> None:
    """更改角色，会话立即结束。Give another role; sessions end at once."""
    from . import people

    people.set_role(common.settings(), common.by, login, role, reason, as_json=common.json)


@proposals_app.command(name="list")
def proposals_list(
    *,
    state: Annotated[ProposalState | None, Parameter(help="状态 state")] = None,
    limit: Rows = 50,
    wide: Wide = False,
    common: AtMerchant = AT_MERCHANT,
) -> None:
    """提议及其结果。Proposals, and what became of them."""
    from . import proposals

    proposals.list_proposals(common.settings(), common.merchant, state, limit, is_wide=wide, as_json=common.json)


def _decide(what: Literal["confirm", "decline", "withdraw"], number: int, of_acquirer: bool, common: Managing) -> None:
    from . import proposals

    proposals.decide(
        common.settings(),
        common.merchant,
        common.by,
        what,
        number,
        of_acquirer=of_acquirer,
        as_json=common.json,
    )


@proposals_app.command(name="confirm")
def proposals_confirm(number: No, /, *, acquirer: OfAcquirer = False, common: Managing = MANAGING) -> None:
    """确认他人的提议并即刻办理（--by 登录名）。Confirm what somebody else proposed; it is done at once (--by LOGIN)."""
    _decide("confirm", number, acquirer, common)


@proposals_app.command(name="decline")
def proposals_decline(number: No, /, *, acquirer: OfAcquirer = False, common: Managing = MANAGING) -> None:
    """驳回他人的提议。Decline what somebody else proposed."""
    _decide("decline", number, acquirer, common)


@proposals_app.command(name="withdraw")
def proposals_withdraw(number: No, /, *, acquirer: OfAcquirer = False, common: Managing = MANAGING) -> None:
    """撤回本人的提议。Take back one's own proposal."""
    _decide("withdraw", number, acquirer, common)

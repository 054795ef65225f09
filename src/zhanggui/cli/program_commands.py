"""The commands that run: `up`, `tour`, each program alone, and demo data. Each is loaded when it is called."""

from typing import Annotated, Literal

import msgspec
from cyclopts import App, Group, Parameter

from ..programs.settings import Settings
from .options import (
    COMMON,
    BankPort,
    Common,
    DoorPort,
    History,
    HostPort,
    Json,
    LangOption,
    OfficeListen,
    OfficePort,
    PagePort,
    WalletsPort,
)

AcceptOlder = Annotated[
    bool, Parameter(help="接受比旁边的检查点更旧的数据库 accept a database older than its checkpoints", negative="")
]


def with_door(settings: Settings) -> Settings:
    """The settings with a door for terminals: on this machine, where they name no other address."""
    listen = settings.door.listen or "127.0.0.1"
    return msgspec.structs.replace(settings, door=msgspec.structs.replace(settings.door, listen=listen))


def up(
    *,
    host_port: HostPort = None,
    bank_port: BankPort = None,
    wallets_port: WalletsPort = None,
    page_port: PagePort = None,
    door_port: DoorPort = None,
    office_port: OfficePort = None,
    accept_older: AcceptOlder = False,
    history: History = None,
    common: Common = COMMON,
) -> None:
    """启动银行、钱包、主机与终端（首次启动会准备演示数据）。Start bank, wallets, host, terminals; makes demo data if there are none."""
    from . import programs

    settings = common.settings(
        host__port=host_port,
        bank__port=bank_port,
        wallets__port=wallets_port,
        terminal__port=page_port,
        door__port=door_port,
        office__port=office_port,
        demo_history=history,
    )
    programs.up(with_door(settings), accept_older=accept_older, first_lang=common.lang)


def tour(
    *,
    model: Annotated[Literal["smart", "esign", "keypad"], Parameter(help="终端型号 terminal model")] = "smart",
    story: Annotated[
        Literal["job", "day", "ways", "qr"],
        Parameter(
            help="job 一笔消费，day 店里的一天，ways 各种签到方式，qr 手机付款 one sale, a shop day, every way in, payments by phone"
        ),
    ] = "job",
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """从开机到两张签购单、店里的一天、各种签到方式，全程走真实 TCP。One sale, a whole day or every way in, over real TCP, on a private host."""
    settings = Common(lang=lang).settings()
    match story:
        case "job":
            from .tour import tour as show
        case "day":
            from .tour_day import tour_day as show
        case "ways":
            from .tour_ways import tour_ways as show
        case "qr":
            from .tour_qr import tour_qr as show
    show(settings, model, as_json=json)


def host(
    *,
    port: HostPort = None,
    bank_port: BankPort = None,
    door_port: DoorPort = None,
    office_port: OfficePort = None,
    accept_older: AcceptOlder = False,
    common: Common = COMMON,
) -> None:
    """单独运行主机；给出端口则带终端服务口与网页后台。Run the host alone; with its HTTP door and office where ports are given."""
    from . import programs

    settings = common.settings(host__port=port, bank__port=bank_port, door__port=door_port, office__port=office_port)
    programs.host(
        with_door(settings) if door_port is not None else settings,
        accept_older=accept_older,
        with_office=office_port is not None,
    )


def office(*, port: OfficePort = None, listen: OfficeListen = None, common: Common = COMMON) -> None:
    """单独运行后台：读取同一数据目录，办理交给主机；主机未运行时只读。Run the office alone: reads beside the host, which does what is done."""
    from . import programs

    programs.office(common.settings(office__port=port, office__listen=listen))


def bank(*, port: BankPort = None, common: Common = COMMON) -> None:
    """单独运行发卡行模拟器。Run the bank simulator alone."""
    from . import programs

    programs.bank(common.settings(bank__port=port))


def wallets(*, port: WalletsPort = None, common: Common = COMMON) -> None:
    """单独运行模拟钱包（微信、支付宝、云闪付）及其页面。Run the simulated QR wallets and their page alone."""
    from . import programs

    programs.wallets(common.settings(wallets__port=port))


def terminal(
    *numbers: Annotated[str, Parameter(help="终端号 terminal numbers, such as 10000001")],
    port: PagePort = None,
    host_port: HostPort = None,
    common: Common = COMMON,
) -> None:
    """单独运行终端与页面（不写终端号则全部）。Run terminals and their page alone; all of them unless numbers are given."""
    from . import programs

    programs.terminal(common.settings(terminal__port=port), numbers, host_port, first_lang=common.lang)


def demo_data(*, host_port: HostPort = None, history: History = None, common: Common = COMMON) -> None:
    """在空目录准备演示数据。Make demo data in an empty folder."""
    from . import programs

    programs.demo_data(common.settings(host__port=host_port, demo_history=history))


def add_programs(app: App) -> None:
    """Give the list of commands these, in this order."""
    group = Group("运行 Run", sort_key=1)
    for command in (up, tour, host, office, bank, wallets, terminal):
        app.command(command, group=group)
    app.command(demo_data, name="demo-data", group=group)

"""Options that many commands share, and the settings that they make.

Cyclopts spreads the fields of a struct whose name is `*` over the command line, so each command names its own options only.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from ..basics.words import Lang
from ..programs.settings import (
    BankSection,
    DoorSection,
    HostSection,
    OfficeSection,
    Settings,
    TerminalSection,
    WalletsSection,
    load_settings,
)

ROWS_MAX = 1_000_000
"""Rows that a command prints at most; the database's own bounds may be lower and have their own sentence."""
DAYS_MAX = 3_660
NUMBER_MAX = 2**53
"""The largest number that every reader of JSON takes exactly."""


def bounded(least: float, most: float) -> Number:
    """A validator for a number within bounds. Every number of every command has one (tests/unit/cli/test_cli_output.py)."""
    return Number(gte=least, lte=most)


PORTS = bounded(1, 65_535)
HostPort = Annotated[
    int | None,
    Parameter(help=f"主机端口，ISO 8583 port of the host, ISO 8583 ({HostSection().port})", validator=PORTS),
]
BankPort = Annotated[
    int | None, Parameter(help=f"模拟银行端口 port of the simulated bank ({BankSection().port})", validator=PORTS)
]

DoorPort = Annotated[
    int | None,
    Parameter(help=f"终端服务口端口 port of the terminals' HTTP door ({DoorSection().port})", validator=PORTS),
]
OfficePort = Annotated[
    int | None, Parameter(help=f"后台端口 port of the office ({OfficeSection().port})", validator=PORTS)
]
OfficeListen = Annotated[
    str | None, Parameter(help=f"后台监听地址 address that the office is served on ({OfficeSection().listen})")
]
WalletsPort = Annotated[
    int | None, Parameter(help=f"模拟钱包端口 port of the simulated wallets ({WalletsSection().port})", validator=PORTS)
]
PagePort = Annotated[
    int | None, Parameter(help=f"终端页面端口 port of the terminals' page ({TerminalSection().port})", validator=PORTS)
]
Rows = Annotated[int, Parameter(help="条数 rows", validator=bounded(1, ROWS_MAX))]
Lines = Annotated[int, Parameter(help="连接数 connections", validator=bounded(1, 20_000))]
Times = Annotated[int, Parameter(help="次数 how many", validator=bounded(1, 10_000_000))]
Amount = Annotated[int, Parameter(help="多少 how many", validator=bounded(0, 10_000_000))]
Seconds = Annotated[float, Parameter(help="秒 seconds", validator=bounded(0.001, 3_600))]

LangOption = Annotated[Lang | None, Parameter(name="--lang", help="语言 language (zh)")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="以 JSON 输出 print JSON")]
Wide = Annotated[bool, Parameter(name="--wide", negative="", help="显示全部列 all columns, wider than 80")]
Merchant = Annotated[str, Parameter(name="--merchant", help="商户号 merchant number (the only one)")]
History = Annotated[
    bool | None,
    Parameter(
        name="--history",
        negative="--no-history",
        help="新演示数据含两个月往来（默认有） give new demo data a past of two months (they have one)",
    ),
]
By = Annotated[
    str,
    Parameter(
        name="--by",
        help="由某操作员（号）或后台人员（登录名）办理，按其权限，须其密码 "
        "an operator (number) or person (login) acts, with own rights and password",
    ),
]
Why = Annotated[str, Parameter(name="--reason", help="原因 why; asked of people where it matters")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Common:
    """Where a command finds its data and settings, and the language that it speaks."""

    data: Annotated[Path | None, Parameter(name="--data", help="数据目录 data folder (./zhanggui-data)")] = None
    lang: LangOption = None
    config: Annotated[Path | None, Parameter(name="--config", help="设置文件 settings file (./zhanggui.toml)")] = None

    def settings(self, **options: Any) -> Settings:
        """The settings of a command; `host__port=1` is the option of the setting `host.port`."""
        given = {name.replace("__", "."): value for name, value in options.items()}
        data = str(self.data) if self.data else None
        return load_settings(file=self.config, options={"data": data, "lang": self.lang, **given})


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Printing(Common):
    """The same, for a command that prints text or JSON."""

    json: Json = False


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class AtMerchant(Printing):
    """The same, at one merchant."""

    merchant: Merchant = ""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Managing(AtMerchant):
    """The same, for an act of management."""

    by: By = ""


COMMON, PRINTING, AT_MERCHANT, MANAGING = Common(), Printing(), AtMerchant(), Managing()
"""What holds when no option is given."""

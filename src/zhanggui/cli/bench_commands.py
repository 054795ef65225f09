"""The commands that measure: `bench`. Each is loaded when it is called."""

from typing import Annotated, Literal

from cyclopts import App, Group, Parameter

from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from .options import PRINTING, Amount, Json, Lines, Printing, Seconds, Times, bounded

TOOLS = Group("工具 Tools", sort_key=3)
bench_app = App(name="bench", help="测量速度。Measure speed.", group=TOOLS)


@bench_app.command(name="codec")
def bench_codec(*, json: Json = False, seconds: Seconds = 1.0) -> None:
    """编解码速度（与 pyiso8583 同场比较）。Encode and decode, against pyiso8583 in the same run when it is installed."""
    from .bench_codec import bench_codec as measure

    measure(seconds, as_json=json)


@bench_app.command(name="host")
def bench_host(
    *,
    json: Json = False,
    connections: Lines = 200,
    sales: Times = 30_000,
    waiting: Annotated[
        int,
        Parameter(
            help="同时等待顾客在钱包付款的订单数 orders that wait at wallets meanwhile",
            validator=bounded(0, 100_000),
        ),
    ] = 0,
    mix: Annotated[
        Literal["sales", "day"], Parameter(help="sales 只有消费，day 一天的各种交易 sales alone, or all of a day")
    ] = "sales",
    data: Annotated[
        str,
        Parameter(
            help="day：在 bench data 的目录里测量（会写入） day: measure in a folder of bench data (writes there)"
        ),
    ] = "",
) -> None:
    """每秒落盘消费笔数，经主机与银行；或一天的各种交易。Durable sales a second through host and bank, or the mix of a day, kind by kind."""
    if mix == "day":
        from .bench_mix import bench_mix

        bench_mix(connections, sales, data, as_json=json)
        return
    if data:
        raise Misuse("--data goes with --mix day")
    from .bench_host import bench_host as measure

    measure(connections, sales, waiting=waiting, as_json=json)


@bench_app.command(name="sign-in")
def bench_sign_in(
    *,
    json: Json = False,
    connections: Lines = 300,
    sign_ins: Times = 10_000,
    rush: Times = 20_000,
    seconds: Seconds = 10.0,
) -> None:
    """每秒落盘签到次数（换钥、验证、确认），以及早高峰。Durable sign-ins a second, then a morning rush."""
    from .bench_sign_in import bench_sign_in as measure

    measure(connections, sign_ins, rush, seconds, as_json=json)


@bench_app.command(name="ways")
def bench_ways(*, json: Json = False, sign_ins: Times = 200) -> None:
    """每种签到方式的按键数与机器时间（真实终端）。Keys and machine time of each way in, on a true terminal."""
    from .bench_ways import bench_ways as measure

    measure(sign_ins, as_json=json)


@bench_app.command(name="data")
def bench_data(*, common: Printing = PRINTING, payments: Amount = 0, sign_ins: Amount = 0) -> None:
    """大数据量的数据目录（可中断续做），供其他测量使用。A large database for other benches; made once, goes on where it was cut."""
    from .bench_data import bench_data as make

    make(common.settings(), SystemClock(), payments=payments, sign_ins=sign_ins, as_json=common.json)


@bench_app.command(name="storm")
def bench_storm(
    *,
    json: Json = False,
    seconds: Seconds = 4.0,
    only: Annotated[str, Parameter(help="只测一种 one storm")] = "",
    ratio_max: Annotated[
        float,
        Parameter(
            help="消费最多慢几倍 how many times as long a sale may take as beside a sink (p99)",
            validator=bounded(0.001, 1_000),
        ),
    ] = 3.0,
) -> None:
    """外来连接与日志故障之下的消费（只在本机）。Honest sales while strangers and full disks do their worst; loopback only."""
    from .bench_storm import bench_storm as measure

    measure(seconds, only, ratio_max, as_json=json)


@bench_app.command(name="office")
def bench_office(
    *,
    common: Printing = PRINTING,
    payments: Times = 5_000_000,
    sign_ins: Times = 1_000_000,
    times: Annotated[int, Parameter(help="每种页面打开几次 pages of each kind", validator=bounded(1, 1_000))] = 20,
    export_rows: Annotated[
        int, Parameter(help="导出多少行，0 不导出 rows of the export, 0 for none", validator=bounded(0, 10_000_000))
    ] = 1_000_000,
    pairs: Annotated[
        int,
        Parameter(help="消费对照几轮，0 不测 pairs of sales without and with, 0 for none", validator=bounded(0, 100)),
    ] = 5,
    only: Annotated[str, Parameter(help="只测名称含此的页面 pages whose names hold this")] = "",
    slack: Annotated[
        float,
        Parameter(help="容许超出目标几倍 how many times the goals may be missed by", validator=bounded(0.001, 1_000)),
    ] = 1.0,
) -> None:
    """大数据量下的后台与消费（--data 保留）。The office over millions of rows, and sales beside it (--data keeps)."""
    from .bench_office import bench_office as measure

    settings = common.settings()
    measure(
        payments,
        sign_ins,
        times=times,
        export_rows=export_rows,
        pairs=pairs,
        data=str(common.data or ""),
        slack=slack,
        only=only,
        as_json=common.json,
        lang=settings.lang,
    )

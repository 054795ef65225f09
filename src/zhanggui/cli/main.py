"""The list of commands. Each is loaded when it is called, so that `--help` and `decode` start at once."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Group, Parameter
from cyclopts.exceptions import CycloptsError

from .. import __version__
from ..basics.errors import Fault, Misuse, ProtocolError
from .settings import Settings, load_settings
from .words import complain

EXIT_MISUSE = 2
EXIT_FAULT = 1

app = App(
    name="zhanggui",
    version=__version__,
    help="掌柜: card payments from the operator's sign-in to the bank. 从操作员签到到发卡行的开放收单系统。",
    help_format="plaintext",
)
_PROGRAMS = Group("运行 Run", sort_key=1)
_LOOK = Group("查看 Look", sort_key=2)
_TOOLS = Group("工具 Tools", sort_key=3)

Data = Annotated[Path | None, Parameter(name="--data", help="数据目录 data folder (./zhanggui-data)")]
Lang = Annotated[Literal["zh", "en"] | None, Parameter(name="--lang", help="语言 language (zh)")]
Config = Annotated[Path | None, Parameter(name="--config", help="设置文件 settings file (./zhanggui.toml)")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="以 JSON 输出 print JSON")]
Outcome = Annotated[
    Literal["attempted", "verified", "active", "ended", "refused"] | None, Parameter(help="结果 outcome")
]
PortOption = Annotated[int | None, Parameter(help="端口 port")]


def _settings(config: Path | None, data: Path | None, lang: str | None, **options: Any) -> Settings:
    given = {name.replace("__", "."): value for name, value in options.items()}
    return load_settings(file=config, options={"data": str(data) if data else None, "lang": lang, **given})


@app.command(group=_PROGRAMS)
def up(
    *,
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    host_port: PortOption = None,
    bank_port: PortOption = None,
    page_port: PortOption = None,
) -> None:
    """启动银行、主机与终端（首次启动会准备演示数据）。Start bank, host and terminals; makes demo data first if there are none."""
    from . import programs

    programs.up(_settings(config, data, lang, host__port=host_port, bank__port=bank_port, terminal__port=page_port))


@app.command(group=_PROGRAMS)
def tour(
    *,
    model: Annotated[Literal["smart", "esign", "keypad"], Parameter(help="终端型号 terminal model")] = "smart",
    lang: Lang = None,
    json: Json = False,
) -> None:
    """从开机到两张签购单，全程走真实 TCP。From power-on to two slips over real TCP, on a private host."""
    from . import tour as tour_command

    tour_command.tour(_settings(None, None, lang), model, as_json=json)


@app.command(group=_PROGRAMS)
def host(
    *,
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    port: PortOption = None,
    bank_port: PortOption = None,
) -> None:
    """单独运行主机。Run the acquirer's host alone."""
    from . import programs

    programs.host(_settings(config, data, lang, host__port=port, bank__port=bank_port))


@app.command(group=_PROGRAMS)
def bank(*, data: Data = None, lang: Lang = None, config: Config = None, port: PortOption = None) -> None:
    """单独运行发卡行模拟器。Run the bank simulator alone."""
    from . import programs

    programs.bank(_settings(config, data, lang, bank__port=port))


@app.command(group=_PROGRAMS)
def terminal(
    *numbers: str,
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    port: PortOption = None,
    host_port: PortOption = None,
) -> None:
    """单独运行终端与页面（不写终端号则全部）。Run terminals and their page alone; all of them unless numbers are given."""
    from . import programs

    programs.terminal(_settings(config, data, lang, terminal__port=port), numbers, host_port)


@app.command(name="demo-data", group=_PROGRAMS)
def demo_data(*, data: Data = None, lang: Lang = None, config: Config = None, host_port: PortOption = None) -> None:
    """在空目录准备演示数据。Make demo data in an empty folder."""
    from . import programs

    programs.demo_data(_settings(config, data, lang, host__port=host_port))


@app.command(group=_LOOK)
def signins(
    *,
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    operator: str = "",
    terminal: str = "",
    outcome: Outcome = None,
    limit: int = 50,
    json: Json = False,
) -> None:
    """签到记录，失败的也在内。Sign-in records, failed ones too."""
    from . import lists

    lists.sign_ins(
        _settings(config, data, lang), operator=operator, terminal=terminal, outcome=outcome, limit=limit, as_json=json
    )


@app.command(group=_LOOK)
def payments(
    *,
    data: Data = None,
    lang: Lang = None,
    config: Config = None,
    terminal: str = "",
    limit: int = 50,
    json: Json = False,
) -> None:
    """交易记录。Payments."""
    from . import lists

    lists.payments(_settings(config, data, lang), terminal=terminal, limit=limit, as_json=json)


@app.command(group=_LOOK)
def balance(pan: str, *, data: Data = None, lang: Lang = None, config: Config = None, json: Json = False) -> None:
    """测试卡在银行的余额。What a test card holds at the bank."""
    from . import lists

    lists.balance(_settings(config, data, lang), pan, as_json=json)


@app.command(group=_TOOLS)
def decode(
    message: Annotated[str, Parameter(help="十六进制报文，- 为标准输入 hexadecimal message, - for standard input")],
    *,
    dialect: Annotated[str, Parameter(help="方言 dialect")] = "unionpay",
    lang: Lang = None,
    json: Json = False,
) -> None:
    """逐域解释一条报文，敏感数据掩码。Explain a message field by field, secrets masked."""
    from . import decode as decode_command

    decode_command.decode(message, dialect, _settings(None, None, lang).lang, as_json=json)


keys_app = App(name="keys", help="密钥。Keys.", group=_TOOLS)
app.command(keys_app)


@keys_app.command(name="list")
def keys_list(*, data: Data = None, lang: Lang = None, config: Config = None, json: Json = False) -> None:
    """终端主密钥与工作密钥的校验值。Check values of terminal master keys and working keys."""
    from . import keys

    keys.list_keys(_settings(config, data, lang), as_json=json)


@keys_app.command(name="renew")
def keys_renew(terminal: str, *, data: Data = None, lang: Lang = None, config: Config = None) -> None:
    """换发终端主密钥并灌入终端（先停主机）。Make a new master key and inject it into the terminal; end the host first."""
    from . import keys

    keys.renew(_settings(config, data, lang), terminal)


bench_app = App(name="bench", help="测量速度。Measure speed.", group=_TOOLS)
app.command(bench_app)


@bench_app.command(name="codec")
def bench_codec(*, json: Json = False, seconds: float = 1.0) -> None:
    """编解码速度（与 pyiso8583 同场比较）。Encode and decode, against pyiso8583 in the same run when it is installed."""
    from .bench_codec import bench_codec as measure

    measure(seconds, as_json=json)


@bench_app.command(name="host")
def bench_host(*, json: Json = False, connections: int = 200, sales: int = 30_000) -> None:
    """每秒落盘消费笔数，经主机与银行。Durable sales a second through host and bank."""
    from .bench_host import bench_host as measure

    measure(connections, sales, as_json=json)


@app.command(group=_TOOLS)
def doctor(*, data: Data = None, lang: Lang = None, config: Config = None, json: Json = False) -> None:
    """检查环境，说明问题与办法。Say what is wrong with this installation and how to mend it."""
    from . import doctor as doctor_command

    doctor_command.doctor(_settings(config, data, lang), as_json=json)


def main() -> None:
    """Run a command. A person's mistake or the world's fault is one clear message and an exit code, never a traceback."""
    try:
        app(exit_on_error=False, print_error=False)
    except CycloptsError as error:
        complain(f"{error}".strip() + "  ('zhanggui --help')")
        sys.exit(EXIT_MISUSE)
    except (Misuse, ProtocolError) as error:
        complain(str(error))
        sys.exit(EXIT_MISUSE)
    except Fault as error:
        complain(str(error))
        sys.exit(EXIT_FAULT)
    except KeyboardInterrupt:
        sys.exit(0)
    except BrokenPipeError:
        sys.exit(EXIT_FAULT)

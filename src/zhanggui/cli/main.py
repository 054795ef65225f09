"""The list of commands. Each is loaded when it is called, so that `--help` and `decode` start at once."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.exceptions import CycloptsError

from .. import __version__
from ..basics.clock import SystemClock
from ..basics.errors import Fault, Misuse, ProtocolError
from ..basics.words import Lang
from ..edges.logs import told
from ..programs.private_files import keep_new_files_private
from .audit_commands import audit_app
from .bench_commands import TOOLS, bench_app
from .error_words import failure_text
from .findings_commands import LOOK, findings_app
from .list_commands import batches_app, cases, export_command, jobs, list_command, payments
from .management_commands import db_app, operators_app, policy_app, terminals_app
from .misuse import is_text, lang_of_call, misuse_text
from .options import (
    AT_MERCHANT,
    DAYS_MAX,
    MANAGING,
    NUMBER_MAX,
    PRINTING,
    ROWS_MAX,
    AtMerchant,
    Common,
    Json,
    LangOption,
    Managing,
    Printing,
    Why,
    Wide,
    bounded,
)
from .output import OutputLost, close_output, lost, open_output, print_text
from .people_commands import people_app, proposals_app
from .program_commands import add_programs
from .script_commands import scripts_app
from .slips_commands import documents_app, slips_app
from .token_commands import tokens_app
from .webhook_commands import webhooks_app
from .words import WORDS, complain

EXIT_MISUSE = 2
EXIT_FAULT = 1

app = App(
    name="zhanggui",
    version=__version__,
    help="掌柜: card payments from the operator's sign-in to the bank. 从操作员签到到发卡行的开放收单系统。",
    help_format="plaintext",
)
add_programs(app)

Outcome = Annotated[
    Literal["attempted", "verified", "active", "ended", "refused"] | None, Parameter(help="结果 outcome")
]

signins_app = App(name="signins", help="签到记录，失败的也在内。Sign-in records, failed ones too.", group=LOOK)
app.command(signins_app)
Operator = Annotated[str, Parameter(help="操作员号 operator number, such as 01")]
OfTerminal = Annotated[str, Parameter(help="终端号 terminal number, such as 10000001")]
Shop = Annotated[str, Parameter(help="商户号或店名的一部分 merchant number, or part of the shop's name")]
Moment = Annotated[str, Parameter(help="如 such as 2026-11-23, '2026-11-23 08:00', yesterday, 2h")]
Out = Annotated[Path | None, Parameter(help="写入新文件（全部记录）write all of them to a new file")]


@signins_app.default
def signins(
    *,
    operator: Operator = "",
    terminal: OfTerminal = "",
    shop: Shop = "",
    since: Moment = "",
    until: Moment = "",
    outcome: Outcome = None,
    reason: Annotated[str, Parameter(help="原因词 reason, such as wrong_password (zhanggui explain)")] = "",
    limit: Annotated[int | None, Parameter(help="条数 rows (50; files: all)", validator=bounded(1, ROWS_MAX))] = None,
    csv: Annotated[bool, Parameter(name="--csv", negative="", help="以 CSV 输出 print CSV")] = False,
    out: Out = None,
    wide: Wide = False,
    common: Printing = PRINTING,
) -> None:
    """签到记录，失败的也在内。Sign-in records, failed ones too, newest first."""
    from .sign_ins import Wanted, list_sign_ins

    wanted = Wanted(
        operator=operator,
        terminal=terminal,
        shop=shop,
        since=since,
        until=until,
        outcome=outcome,
        reason=reason,
        limit=limit,
    )
    list_sign_ins(common.settings(), wanted, as_json=common.json, as_csv=csv, is_wide=wide, out=out)


@signins_app.command(name="erase")
def signins_erase(*, operator: Operator, shop: Shop = "", common: Printing = PRINTING) -> None:
    """抹去签到记录中某人的个人信息（先停主机）；记录链仍可核对。Take a person out of the records; end the host first. The chain holds."""
    from .sign_ins import erase

    erase(common.settings(), operator, shop, as_json=common.json)


for _command in (list_command, export_command, payments, jobs, cases):
    app.command(_command, group=LOOK)
app.command(batches_app)


@app.command(group=LOOK)
def balance(
    card: Annotated[str, Parameter(help="卡号，或测试卡名如 main card number, or a test card such as main")],
    /,
    *,
    common: Printing = PRINTING,
) -> None:
    """测试卡在银行的余额。What a test card holds at the bank."""
    from . import lists

    lists.balance(common.settings(), card, as_json=common.json)


@app.command(group=TOOLS)
def decode(
    message: Annotated[
        str | None,
        Parameter(
            help="十六进制报文，- 为标准输入 hexadecimal message, - for standard input", allow_leading_hyphen=True
        ),
    ] = None,
    /,
    *,
    dialect: Annotated[str, Parameter(help="方言 dialect")] = "unionpay",
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """逐域解释一条报文，敏感数据掩码。Explain a message field by field, secrets masked."""
    from . import decode as decode_command

    decode_command.decode(message, dialect, Common(lang=lang).settings().lang, as_json=json)


@app.command(group=TOOLS)
def explain(
    word: Annotated[str, Parameter(help="原因、应答码或屏幕代码 reason, response code or a screen's code")],
    /,
    *,
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """原因、应答码、屏幕代码的含义与下一步。What a reason, response code or screen's code means, and what to do next."""
    from . import explain as explain_command

    explain_command.explain(word, Common(lang=lang).settings().lang, as_json=json)


Session = Annotated[int | None, Parameter(help="班次号 number of the shift", validator=bounded(1, NUMBER_MAX))]


@app.command(group=LOOK)
def review(
    *,
    shift: Session = None,
    common: AtMerchant = AT_MERCHANT,
) -> None:
    """列出班次，或回顾一班：数字、与平常相比、本人的回答。List shifts, or review one: figures, the usual ones, the operator's answers."""
    from . import review as review_command

    review_command.review(common.settings(), SystemClock(), shift=shift, merchant=common.merchant, as_json=common.json)


fleet_app = App(name="fleet", help="虚构的终端群。Fleets that never were.", group=TOOLS)
app.command(fleet_app)


@fleet_app.command(name="make")
def fleet_make(
    *,
    terminals: Annotated[int, Parameter(help="终端数 terminals", validator=bounded(1, 100_000))] = 300,
    days: Annotated[int, Parameter(help="天数 days", validator=bounded(1, DAYS_MAX))] = 60,
    seed: Annotated[int, Parameter(help="种子 seed", validator=bounded(0, NUMBER_MAX))] = 1,
    incidents: Annotated[str, Parameter(help="all, none, 或 or bursts=20,sick=5,…")] = "all",
    until: Annotated[str, Parameter(help="历史到这一天零点为止（今天）history ends at this midnight (today)")] = "",
    out: Annotated[Path | None, Parameter(help="写成 JSON 行的目录 folder for JSON lines")] = None,
    common: Printing = PRINTING,
) -> None:
    """造一段有标注的签到历史（写入数据目录须先停主机）。Make labelled sign-in history; into a data folder only while no host runs."""
    from . import fleet as fleet_command

    fleet_command.make(
        common.settings(),
        SystemClock(),
        terminals=terminals,
        days=days,
        seed=seed,
        incidents=incidents,
        until=until,
        out=out,
        as_json=common.json,
    )


app.command(audit_app)
for each in (policy_app, operators_app, people_app, proposals_app, db_app, terminals_app):
    app.command(each)
for each in (bench_app, findings_app, slips_app, scripts_app, documents_app, webhooks_app, tokens_app):
    app.command(each)

keys_app = App(name="keys", help="密钥。Keys.", group=TOOLS)
app.command(keys_app)


@keys_app.command(name="list")
def keys_list(*, common: Printing = PRINTING) -> None:
    """终端主密钥与工作密钥的校验值。Check values of terminal master keys and working keys."""
    from . import keys

    keys.list_keys(common.settings(), as_json=common.json)


@keys_app.command(name="renew")
def keys_renew(terminal: OfTerminal, /, *, reason: Why = "", common: Managing = MANAGING) -> None:
    """换发终端主密钥并灌入终端（先停主机）。Make a new master key and inject it into the terminal; end the host first."""
    from . import keys

    keys.renew(common.settings(), common.merchant, common.by, terminal, reason)


@app.command(group=TOOLS)
def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], Parameter(help="命令行 shell")],
    /,
) -> None:
    """打印命令补全脚本，如 Print completion for a shell, such as: source <(zhanggui completion bash)"""
    print_text(app.generate_completion(prog_name="zhanggui", shell=shell), end="")


@app.command(group=TOOLS)
def doctor(*, common: Printing = PRINTING) -> None:
    """检查环境，说明问题与办法。Say what is wrong with this installation and how to mend it."""
    from . import doctor as doctor_command

    doctor_command.doctor(common.settings(), as_json=common.json)


def main() -> None:
    """Run a command. A person's mistake or the world's fault is one clear message and an exit code, never a traceback."""
    open_output(exact="--json" in sys.argv)
    keep_new_files_private()
    lang = lang_of_call(sys.argv[1:], os.environ)
    code = _run(lang)
    try:
        close_output()
    except OutputLost as error:
        complain(failure_text(error, lang))
        code = code or EXIT_FAULT
    sys.exit(code)


def _word_that_is_no_text() -> str | None:
    """A word of the call that is not in the console's encoding; None where all are."""
    return next((word for word in sys.argv[1:] if not is_text(word)), None)


def _run(lang: Lang) -> int:
    try:
        app(exit_on_error=False, print_error=False)
    except CycloptsError as error:
        complain(misuse_text(error, lang))
        return EXIT_MISUSE
    except UnicodeEncodeError as error:
        wrong = _word_that_is_no_text()
        if wrong is None:
            complain(WORDS["defect"].fill(lang, **told(error)).rstrip())
            return EXIT_FAULT
        complain(WORDS["misuse_no_text"].fill(lang, wrong=wrong))
        return EXIT_MISUSE
    except (Misuse, ProtocolError) as error:
        # Whatever a command found wrong with such a word, it is no text of this console.
        wrong = _word_that_is_no_text()
        said = failure_text(error, lang) if wrong is None else WORDS["misuse_no_text"].fill(lang, wrong=wrong)
        complain(said)
        return EXIT_MISUSE
    except Fault as error:
        complain(failure_text(error, lang))
        return EXIT_FAULT
    except KeyboardInterrupt:
        return 0
    except SystemExit as error:
        if isinstance(error.__context__, OSError):
            # Rich leaves in this way when nobody reads its tables.
            complain(failure_text(lost(error.__context__), lang))
        return error.code if isinstance(error.code, int) else EXIT_FAULT if error.code else 0
    except OSError as error:
        complain(failure_text(lost(error), lang))
        return EXIT_FAULT
    except Exception as error:
        # The text of an error that nobody foresaw may hold a value; kind and place say where to look.
        at = told(error)
        complain(WORDS["defect"].fill(lang, **at).rstrip())
        return EXIT_FAULT
    return 0

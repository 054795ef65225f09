"""The commands that show a list or put it into a file. Each is loaded when it is called."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from .findings_commands import LOOK
from .options import AT_MERCHANT, MANAGING, PRINTING, AtMerchant, Managing, Printing, Rows, Wide

OfTerminal = Annotated[str, Parameter(help="终端号 terminal number, such as 10000001")]
Filters = Annotated[
    str, Parameter(help="筛选 filters: state=approved day_from=2026-11-01 card=0012 amount=12.50 shop=102100058120001")
]
Where = Annotated[
    tuple[str, ...],
    Parameter(
        name="--where",
        negative="",
        consume_multiple=False,
        help="筛选，可多次，如 filter, may be repeated: --where state=approved --where day_from=today",
    ),
]
Named = Annotated[str, Parameter(help="列表 list: payments, sign_ins, batches, operators, audit_notes, …")]
Totals = Annotated[
    bool, Parameter(name="--totals", negative="", help="只要行数与合计 how many rows and what they sum to")
]
Find = Annotated[str, Parameter(help="一个号码或金额，自动识别 a number or an amount; it is recognised what it is")]
Format = Annotated[Literal["csv", "xlsx", "json"] | None, Parameter(help="格式 format (by the file's ending)")]
Out = Annotated[Path, Parameter(help="写入的新文件 new file to write, such as payments.csv")]


def list_command(
    name: Named,
    /,
    *filters: Filters,
    find: Find = "",
    limit: Rows = 50,
    totals: Totals = False,
    wide: Wide = False,
    common: Printing = PRINTING,
) -> None:
    """任何列表，按筛选项。Any list, by its filters; the same rows as its page, its interface and its export."""
    from . import asked_lists

    settings = common.settings()
    if totals:
        asked_lists.print_totals(settings, name, filters, find, as_json=common.json)
    else:
        asked_lists.show(settings, name, filters, find=find, limit=limit, is_wide=wide, as_json=common.json)


list_command.__name__ = "list"


def export_command(
    name: Named, /, *filters: Filters, out: Out, format: Format = None, common: Managing = MANAGING
) -> None:
    """把列表导出成文件（CSV、XLSX、JSON），留管理记录。Put a list into a file; head, rows and totals, and an audit note."""
    from . import asked_lists

    asked_lists.export(common.settings(), common.merchant, common.by, name, filters, out, format, as_json=common.json)


export_command.__name__ = "export"


def payments(
    *, terminal: OfTerminal = "", where: Where = (), limit: Rows = 50, wide: Wide = False, common: Printing = PRINTING
) -> None:
    """交易记录，主机拒绝的也在内。Payments, those that the host refused by itself too."""
    from . import asked_lists

    given = {"terminal": terminal}
    asked_lists.show(common.settings(), "payments", where, given, limit=limit, is_wide=wide, as_json=common.json)


batches_app = App(name="batches", help="批次：未结算与已结算。Batches, open and settled.", group=LOOK)


@batches_app.default
def batches(*, terminal: OfTerminal = "", where: Where = (), limit: Rows = 50, common: Printing = PRINTING) -> None:
    """批次：未结算与已结算。Batches, open and settled."""
    from . import asked_lists

    asked_lists.show(common.settings(), "batches", where, {"terminal": terminal}, limit=limit, as_json=common.json)


@batches_app.command(name="show")
def batches_show(
    terminal: OfTerminal,
    batch: Annotated[str, Parameter(help="批次号 batch number, such as 000001")],
    /,
    *,
    common: Printing = PRINTING,
) -> None:
    """一个已结算批次中对不上的交易。What differs in a settled batch, payment by payment."""
    from . import batches as command

    command.show(common.settings(), terminal, batch, as_json=common.json)


def jobs(*, where: Where = (), limit: Rows = 50, common: Printing = PRINTING) -> None:
    """主机自动做的任务与进度。What the host does by itself over hours, and how far it is."""
    from . import asked_lists

    asked_lists.show(common.settings(), "jobs", where, limit=limit, as_json=common.json)


def cases(*, where: Where = (), limit: Rows = 50, common: AtMerchant = AT_MERCHANT) -> None:
    """操作员报告的问题，按屏幕上的编号。What operators reported as wrong, by the numbers that their screens showed."""
    from . import asked_lists

    asked_lists.show(common.settings(), "cases", where, {"shop": common.merchant}, limit=limit, as_json=common.json)

"""The commands about slips: `slips`. Each is loaded when it is called."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from .findings_commands import LOOK
from .options import AT_MERCHANT, MANAGING, PRINTING, AtMerchant, Managing, Printing, Rows, Why

slips_app = App(name="slips", help="终端打印过的单据。Slips that a terminal printed.", group=LOOK)
OfTerminal = Annotated[str, Parameter(help="终端号 terminal number, such as 10000001")]
SlipId = Annotated[
    str, Parameter(help="单据名，如 000012-merchant a slip's name; 'zhanggui slips 10000001' lists them")
]
Format = Annotated[
    Literal["text", "png", "escpos"],
    Parameter(name="--as", help="text 文本，png 图片，escpos 打印机字节 text, a picture, bytes of a slip printer"),
]
Paper = Annotated[Literal["58", "80"], Parameter(help="纸宽毫米 width of the paper in mm")]
Encoding = Annotated[
    Literal["gbk", "gb18030"], Parameter(help="打印机的汉字编码 how the printer takes Chinese (with --as escpos)")
]


@slips_app.default
def slips(terminal: OfTerminal, /, *, limit: Rows = 50, common: Printing = PRINTING) -> None:
    """终端打印过的单据，新的在前。Slips that a terminal printed, newest first."""
    from . import slips as command

    command.list_slips(common.settings(), terminal, limit, as_json=common.json)


@slips_app.command(name="write")
def slips_write(
    terminal: OfTerminal,
    slip: SlipId,
    /,
    *,
    format_: Format = "text",
    paper: Paper = "58",
    encoding: Encoding = "gbk",
    out: Annotated[Path | None, Parameter(help="写入新文件 new file (text: the console)")] = None,
    font: Annotated[Path | None, Parameter(help="图片用的中文字体文件 font file for pictures")] = None,
    common: Printing = PRINTING,
) -> None:
    """把一张单据写成文本、图片或打印机字节。Write one slip as text, picture, or bytes for a slip printer."""
    from . import slips as command

    command.write(
        common.settings(),
        terminal,
        slip,
        command.Wanted(format=format_, paper=paper, encoding=encoding, out=out, font=font),
        as_json=common.json,
    )


Day = Annotated[str, Parameter(help="营业日，如 shop day, such as 2026-11-23 (今天 today)")]


@slips_app.command(name="tick")
def slips_tick(
    *codes: Annotated[
        str,
        Parameter(
            help="条码、参考号或 终端号/凭证号；- 逐行读扫码枪 bar codes, references or TERMINAL/VOUCHER; - reads a scanner",
            allow_leading_hyphen=True,
        ),
    ],
    day: Day = "",
    common: Managing = MANAGING,
) -> None:
    """按当日清单逐张勾对商户存根，列出缺的。Tick merchant copies off against the day's list, and list what is missing."""
    from . import ticking

    ticking.tick(common.settings(), common.merchant, common.by, codes, day, as_json=common.json)


@slips_app.command(name="missing")
def slips_missing(*, day: Day = "", common: AtMerchant = AT_MERCHANT) -> None:
    """当日还没有勾对的商户存根。Merchant copies of a day that nobody has ticked off."""
    from . import ticking

    ticking.missing(common.settings(), common.merchant, day, as_json=common.json)


documents_app = App(
    name="documents", help="密封保存的签名等文件。Signatures and other documents, kept sealed.", group=LOOK
)
DocumentId = Annotated[str, Parameter(help="文件编号，见 zhanggui documents number of the document")]


@documents_app.default
def documents(*, limit: Rows = 50, common: AtMerchant = AT_MERCHANT) -> None:
    """列出密封文件，不含内容。Sealed documents, without their contents."""
    from . import documents as command

    command.list_documents(common.settings(), common.merchant, limit, as_json=common.json)


@documents_app.command(name="write")
def documents_write(
    document: DocumentId,
    /,
    *,
    out: Annotated[Path, Parameter(help="写入的新文件 new file to write")],
    reason: Why = "",
    common: Managing = MANAGING,
) -> None:
    """解密一个文件并写出，留下记录。Open one document and write it; a note stays."""
    from . import documents as command

    command.write(common.settings(), common.merchant, common.by, document, out, reason, as_json=common.json)


@documents_app.command(name="erase")
def documents_erase(document: DocumentId, /, *, reason: Why = "", common: Managing = MANAGING) -> None:
    """清除一个文件的内容，留下记录。Take a document's contents away; a note stays."""
    from . import documents as command

    command.erase(common.settings(), common.merchant, common.by, document, reason, as_json=common.json)

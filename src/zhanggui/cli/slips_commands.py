"""The commands about slips: `slips`. Each is loaded when it is called."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from .findings_commands import LOOK
from .options import PRINTING, Printing, Rows

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

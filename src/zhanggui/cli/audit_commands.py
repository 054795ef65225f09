"""The commands about the records' proof: `audit`. Each is loaded when it is called."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from .findings_commands import LOOK
from .options import AT_MERCHANT, COMMON, PRINTING, AtMerchant, Common, Printing, Rows

audit_app = App(name="audit", help="核对记录。Check the records.", group=LOOK)


@audit_app.command(name="verify")
def audit_verify(
    *,
    export: Annotated[Path | None, Parameter(help="核对导出文件而非数据库 check an export, not the database")] = None,
    anchor: Annotated[
        Path | None, Parameter(help="另存的检查点文件 a copy of checkpoints.jsonl kept elsewhere")
    ] = None,
    common: Printing = PRINTING,
) -> None:
    """核对记录链、内容与检查点签名；有问题则说明并以 1 退出。Check chain, contents and signatures; exit 1 and say what is wrong."""
    from . import audit

    audit.verify(common.settings(), export=export, anchor=anchor, as_json=common.json)


@audit_app.command(name="export")
def audit_export(
    *,
    out: Annotated[Path, Parameter(help="写入的新文件 new file to write")],
    common: Common = COMMON,
) -> None:
    """导出可独立核对的记录。Write the records so that they can be checked by themselves."""
    from . import audit

    audit.export_records(common.settings(), out)


@audit_app.command(name="notes")
def audit_notes(*, limit: Rows = 50, common: AtMerchant = AT_MERCHANT) -> None:
    """管理记录：谁改了什么。Audit notes: who changed what."""
    from . import operators

    operators.list_notes(common.settings(), common.merchant, limit, as_json=common.json)


@audit_app.command(name="prune")
def audit_prune(*, common: Printing = PRINTING) -> None:
    """按策略清除过期的签到记录，链保留（先停主机）。Drop sign-in records older than the policy keeps; end the host first."""
    from . import audit

    audit.prune(common.settings(), as_json=common.json)

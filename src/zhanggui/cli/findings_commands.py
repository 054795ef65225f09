"""The commands that look for what is wrong: `findings`. Each is loaded when it is called."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Group, Parameter

from ..basics.clock import SystemClock
from .options import DAYS_MAX, PRINTING, Common, Json, LangOption, Printing, bounded

LOOK = Group("查看 Look", sort_key=2)

findings_app = App(name="findings", help="签到记录里的发现。What the sign-in records say is wrong.", group=LOOK)
Days = Annotated[int, Parameter(help="最近几天 last days", validator=bounded(1, DAYS_MAX))]


@findings_app.default
def findings(*, days: Days = 30, common: Printing = PRINTING) -> None:
    """发现：事实、正常范围、怎么办。Findings: facts, normal range, what to do."""
    from . import findings as findings_command

    findings_command.findings(common.settings(), SystemClock(), days=days, as_json=common.json)


@findings_app.command(name="metrics")
def findings_metrics(*, days: Days = 30, common: Printing = PRINTING) -> None:
    """签到指标与目标。Sign-in metrics and their targets."""
    from . import findings as findings_command

    findings_command.metrics(common.settings(), SystemClock(), days=days, as_json=common.json)


@findings_app.command(name="evaluate")
def findings_evaluate(
    *,
    fleet: Annotated[Path, Parameter(help="fleet make 所写的目录 folder that 'fleet make' wrote")],
    lang: LangOption = None,
    json: Json = False,
) -> None:
    """用有标注的终端群量探测器。Precision and recall of the detectors on a labelled fleet."""
    from . import findings as findings_command

    findings_command.evaluate_fleet(Common(lang=lang).settings(), fleet, as_json=json)


@findings_app.command(name="reference")
def findings_reference() -> None:
    """打印 docs/reference/findings.md。Print the reference page."""
    from . import findings as findings_command

    findings_command.print_reference()

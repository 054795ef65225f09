"""Writes the pages of state diagrams (`docs/concepts/machines.md`, `flow.md`) from the transition tables themselves."""

from pathlib import Path

from zhanggui.acquirer.rows.moves import GONE, MACHINES, NOTHING
from zhanggui.host.networks.telling import TELL_MOVES
from zhanggui.host.networks.waiting import ASK_MOVES
from zhanggui.terminal.flow.machine import AREAS, ROWS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "concepts" / "machines.md"
FLOW_PAGE = ROOT / "docs" / "concepts" / "flow.md"
TITLES = {
    "payment": ("A payment at the host", "支付"),
    "bank_side": ("What a payment's bank still has to be told", "发卡行一侧"),
    "sign_in": ("An attempt to sign in", "签到"),
    "session": ("An operator's session", "会话"),
    "approval": ("A supervisor's approval", "授权"),
    "support_case": ("A support case", "服务单"),
    "job": ("A durable job", "任务"),
    "phone_code": ("The code that a terminal shows for a phone", "手机签到码"),
    "order": ("An order to a terminal", "终端指令"),
    "wallet_order": ("An order at a QR wallet", "扫码订单"),
    "script": ("What became of an issuer's scripts, until the issuer knows", "脚本通知"),
    "batch": ("A batch from its settlement on", "批次"),
    "asked": ("A payment that waits for the bank, in memory", "等待发卡行应答"),
    "told": (
        "A reversal, or a notice of issuer scripts, that the bank is told until it takes it, in memory",
        "冲正与脚本通知",
    ),
}
HEAD = """# The machines of the host

<!-- Written by tools/diagrams.py. Change the table it comes from, not this page. -->

Each record that has a state has one table of moves, and the host asks it wherever it applies a change: a move that stands in no
table is refused, whichever rule wanted it. The theory stands on top of `acquirer/rows/moves.py` and in `host/networks`;
the arrows here are their rows.
An arrow from a state to itself means that the record may learn something while it stays what it is.
"""


ENDS = frozenset({NOTHING, GONE, "over"})
Moves = frozenset[tuple[str, str]]


def machines() -> dict[str, Moves]:
    """All tables by name: of the records, and of who waits for the bank."""
    of_records = {machine.name: machine.moves for some in MACHINES.values() for machine in some}
    return {**of_records, "asked": ASK_MOVES, "told": TELL_MOVES}


def diagram(moves: Moves) -> str:
    """One machine as a mermaid state diagram; what begins comes first."""

    def shown(state: str) -> str:
        return "[*]" if state in ENDS else state

    arrows = sorted(moves, key=lambda move: (move[0] != NOTHING, move))
    lines = [f"    {shown(before)} --> {shown(after)}" for before, after in arrows]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, moves in machines().items():
        en, zh = TITLES[name]
        parts.append(f"## {en} {zh}\n\n{diagram(moves)}\n")
    return "\n".join(parts)


FLOW_HEAD = """# The terminal's flow

<!-- Written by tools/diagrams.py. Change the table it comes from, not this page. -->

A terminal is in one stage at a time. The arrows are the rows of the flow's table (`terminal/flow/machine.py` joins them from the
areas): where the handler of some event may lead. Stages of another area stand at the ends of arrows that leave this one. Not shown:
what may happen in every stage (power-on, a forced sign-in, a lock, an ordered sign-out).
"""
AREA_TITLES = (
    "Sign-in 签到",
    "A supervisor's menu 主管菜单",
    "A supervisor's approval 主管授权",
    "Trouble, lock, sign-out 锁定与签退",
    "A payment of any kind 交易",
    "Slips 签购单",
    "The end of a batch 结算",
    "The terminal's settings 终端设置",
)
"""In the order of `AREAS`."""


def flow_page() -> str:
    """The terminal's flow, one diagram an area."""
    parts = [FLOW_HEAD]
    for title, area in zip(AREA_TITLES, AREAS, strict=True):
        arrows = sorted(
            {
                (row.stage.__name__, target.__name__)
                for row in ROWS
                if row.stage in area.drawings
                for target in row.leads_to
                if target is not row.stage
            }
        )
        lines = [f"    {before} --> {after}" for before, after in arrows]
        parts.append("\n".join([f"## {title}\n", "```mermaid", "stateDiagram-v2", *lines, "```", ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    FLOW_PAGE.write_text(flow_page(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")

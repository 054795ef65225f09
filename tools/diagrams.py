"""Writes the page of state diagrams (`docs/concepts/machines.md`) from the transition tables themselves."""

from pathlib import Path

from zhanggui.acquirer.rows.moves import GONE, MACHINES, NOTHING
from zhanggui.host.networks.waiting import ASK_MOVES, REVERSAL_MOVES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "concepts" / "machines.md"
TITLES = {
    "payment": ("A payment at the host", "支付"),
    "bank_side": ("What a payment's bank still has to be told", "发卡行一侧"),
    "sign_in": ("An attempt to sign in", "签到"),
    "session": ("An operator's session", "会话"),
    "approval": ("A supervisor's approval", "授权"),
    "support_case": ("A support case", "服务单"),
    "asked": ("A payment that waits for the bank, in memory", "等待发卡行应答"),
    "reversal": ("A reversal that the bank is told until it takes it, in memory", "冲正"),
}
HEAD = """# The machines of the host

<!-- Written by tools/diagrams.py. Change the table it comes from, not this page. -->

Each record that has a state has one table of moves, and the host asks it wherever it applies a change: a move that stands in no
table is refused, whichever rule wanted it. The theory stands on top of `acquirer/rows/moves.py` and `host/networks/waiting.py`;
the arrows here are their rows.
An arrow from a state to itself means that the record may learn something while it stays what it is.
"""


ENDS = frozenset({NOTHING, GONE, "over"})
Moves = frozenset[tuple[str, str]]


def machines() -> dict[str, Moves]:
    """All tables by name: of the records, and of who waits for the bank."""
    of_records = {machine.name: machine.moves for some in MACHINES.values() for machine in some}
    return {**of_records, "asked": ASK_MOVES, "reversal": REVERSAL_MOVES}


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


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""Writes the pages of state diagrams (`docs/concepts/machines.md`, `flow.md`, `qr.md`) from the transition tables themselves."""

from collections.abc import Callable
from pathlib import Path

from zhanggui.acquirer.rows.moves import BANK_SIDE, GONE, MACHINES, NOTHING, PAYMENT, WALLET_ORDER
from zhanggui.acquirer.wallets.order import ASKED_STEPS, TABLE
from zhanggui.acquirer.wallets.plans import PLANS, Plan
from zhanggui.cup.brands import BRANDS
from zhanggui.host.networks.telling import TELL_MOVES
from zhanggui.host.networks.waiting import ASK_MOVES
from zhanggui.terminal.flow.machine import AREAS, ROWS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "concepts" / "machines.md"
FLOW_PAGE = ROOT / "docs" / "concepts" / "flow.md"
QR_PAGE = ROOT / "docs" / "concepts" / "qr.md"
TITLES = {
    "payment": ("A payment at the host", "支付"),
    "bank_side": ("What a payment's bank still has to be told", "发卡行一侧"),
    "sign_in": ("An attempt to sign in", "签到"),
    "session": ("An operator's session", "会话"),
    "approval": ("A supervisor's approval", "授权"),
    "support_case": ("A support case", "服务单"),
    "job": ("A durable job", "任务"),
    "export": ("A file of a list", "导出文件"),
    "phone_code": ("The code that a terminal shows for a phone", "手机签到码"),
    "order": ("An order to a terminal", "终端指令"),
    "wallet_order": ("An order at a QR wallet", "扫码订单"),
    "script": ("What became of an issuer's scripts, until the issuer knows", "脚本通知"),
    "person": ("A person of the office", "后台人员"),
    "office_session": ("A session of the office", "后台会话"),
    "invitation": ("An invitation", "邀请"),
    "proposal": ("What one proposes and another confirms", "双人复核的提议"),
    "webhook": ("A webhook", "事件推送"),
    "message": ("A message of the outbox", "待发消息"),
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


QR_HEAD = """# A payment by code, from end to end

<!-- Written by tools/diagrams.py. Change the table it comes from, or the words there, not this page. -->

A code on a customer's phone is scanned where a card is awaited ([paid by a code](pay-codes.md)). From there on two roads lead to whoever
decides, and the terminal knows neither: it sends a 0200, waits, and undoes by a 0400 what it never heard of.

```mermaid
sequenceDiagram
    participant C as Customer
    participant T as Terminal
    participant H as Host
    participant N as Card network or wallet
    C->>T: shows a code
    Note over T: payment and its reversal are durable
    T->>H: 0200 (59 = A3 and the code)
    Note over H: pending is durable, at a wallet with its order
    alt the card network's brand
        H->>N: 0200, once
        N-->>H: 0210, or nothing in time
    else a wallet
        H->>N: pay, once
        N-->>H: paid, refused, "the customer is asked", or nothing
        loop until the order is over
            H->>N: query, at last cancel
        end
    end
    Note over H: outcome, postings and the order's end are one commit
    H-->>T: 0210 (59 = A4 and the voucher)
    Note over T: outcome is durable, then slips
    opt no answer in time
        T->>H: 0400
        Note over H: reversed is durable; at the bank a debt to tell it, at a wallet the order given up
        H-->>T: 0410 (00)
        H->>N: undo, until it is done
    end
```

| | Card network | Wallet |
|---|---|---|
| Asked | once; nobody answers: 98 to the terminal, and reversed | once; then asked about by the brand's own times, at last cancelled |
| The terminal gives up | 0400: reversed, and the bank is told | 0400: reversed, and the order is cancelled, or given back |
| The host stops meanwhile | closed as timed out, and reversed | goes on where the order's row says |
| The answer comes late | nothing; it is being undone | the money goes back; it is being cancelled |
| Void, refund | a payment of its own | an order of its own that gives money back, which nothing undoes |
| Their answer is lost | asked for until it is known | the same; it waits until the wallet has said yes or no, and keeps no other payment back |
| Told to the terminal | what the bank says | what the wallet's word stands for ([wallet codes](../reference/wallet-codes.md)) |

Both end with the same books: `tests/properties/test_shop_day.py` walks tills, host, bank and wallets through cuts, losses, late and doubled
messages, and compares all of them after each step and whenever the line falls quiet. Nobody pays a second time for one wish: a payment has
one order, and a new try is a new payment.
"""


def qr_page() -> str:
    """Both roads of a payment by code, with their machines."""
    head = "| | " + " | ".join(ASKED_STEPS) + " |\n|---" + "|---" * len(ASKED_STEPS) + "|"
    follows = "\n".join(f"| {said} | " + " | ".join(row) + " |" for said, row in TABLE.items())
    times = (
        "| | "
        + " | ".join(f"{BRANDS[name].en} {BRANDS[name].zh}" for name in PLANS)
        + " |\n|---"
        + "|---" * len(PLANS)
        + "|"
    )
    rows = "\n".join(
        [
            f"| {words} | "
            + " | ".join(tell(plan) if BRANDS[name].road == "wallet" else NEVER for name, plan in PLANS.items())
            + " |"
            for words, tell in BY_CUSTOMERS_CODE.items()
        ]
        + [
            f"| {words} | " + " | ".join(tell(plan) for plan in PLANS.values()) + " |"
            for words, tell in QR_TIMES.items()
        ]
    )
    return "\n".join(
        [
            QR_HEAD,
            f"## The payment\n\nThe same on both roads.\n\n{diagram(PAYMENT.moves)}\n",
            f"## The card network's road: asked once, then undone\n\nWho waits for the bank, in memory:\n\n{diagram(ASK_MOVES)}\n",
            f"What the bank, or the wallet, still has to do of a payment that is undone:\n\n{diagram(BANK_SIDE.moves)}\n",
            f"## The wallet's road: asked until it is over\n\n{diagram(WALLET_ORDER.moves)}\n",
            "What follows from each word of a wallet, by the request that it answers (what the words mean stands on top of "
            f"`acquirer/wallets/order.py`):\n\n{head}\n{follows}\n",
            f"When it is asked, in seconds after the order (`acquirer/wallets/plans.toml`):\n\n{times}\n{rows}\n",
        ]
    )


NEVER = "–"
"""Where no wallet is asked: the customer's code of a brand goes to the card network."""
BY_CUSTOMERS_CODE: dict[str, Callable[[Plan], str]] = {
    "the first query, after an answer that was not clear": lambda plan: str(plan.first_s),
    "between two queries": lambda plan: " to ".join(str(second) for second in sorted(set(plan.every_s))),
    "the last query": lambda plan: str(plan.until_s),
    "no cancel before": lambda plan: str(plan.cancel_from_s),
}
QR_TIMES: dict[str, Callable[[Plan], str]] = {
    "our code: between two queries": lambda plan: str(plan.offer_every_s),
    "our code: cancelled, where nobody paid, after": lambda plan: str(plan.offer_until_s),
    "an answer is waited for": lambda plan: str(plan.answer_s),
    "cancelled within; later it is given back": lambda plan: f"{plan.cancel_within_s:,}",
    "a cancel or a giving back that was not answered is tried again after": lambda plan: (
        f"{plan.again_s[0]}, doubled up to {plan.again_s[1]}"
    ),
    "a cancelled order is looked at once more after": lambda plan: str(plan.look_s),
}


if __name__ == "__main__":
    QR_PAGE.write_text(qr_page(), encoding="utf-8")
    FLOW_PAGE.write_text(flow_page(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")

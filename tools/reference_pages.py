"""Write the pages of docs/reference that come from tables of the source: `python tools/reference_pages.py`.

A test compares the pages with what this writes, so a table can't change without its page.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from zhanggui.acquirer.policy.capabilities import CAPABILITIES, right_of
from zhanggui.acquirer.policy.report import RuleRow, report
from zhanggui.acquirer.policy.rules import PROFILES
from zhanggui.acquirer.rows.reasons import ReasonWords, all_reasons
from zhanggui.basics.roles import Role
from zhanggui.cup import operator_tags, response_codes
from zhanggui.cup.brands import BRANDS, BrandName
from zhanggui.cup.code_words import reason_by_code, reason_by_our_code, says_more_by_our_code
from zhanggui.cup.dialect import DIALECTS, Dialect
from zhanggui.cup.fields import UNIONPAY
from zhanggui.cup.messages import operator_asks as asks
from zhanggui.cup.messages import operator_outcomes as outcomes
from zhanggui.cup.next_steps import step_words
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.response_codes import RESPONSE_CODES, ResponseCode
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.cup.values import (
    clock,
    eyes,
    numbers,
    offline,
    order,
    reason,
    rules,
    self_check,
    shift,
    take_over,
    undoing,
    word_list,
)
from zhanggui.cup.values.numbers import NUMBER_DIGITS_MAX
from zhanggui.cup.wallets.codes import WALLET_CODES
from zhanggui.host.figures import METRICS_TOLD, figure_rows
from zhanggui.iso8583.fields import Field, Prefix
from zhanggui.office import figures as office_figures
from zhanggui.programs import bank_figures, terminal_figures
from zhanggui.programs.settings import PREFIX, Settings, known_settings
from zhanggui.terminal.flow.words.screen_codes import ScreenCode, all_screen_codes

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
GENERATED = "<!-- Written by tools/reference_pages.py. Change the table it comes from, not this page. -->"
CLASSES = {
    "A": "done",
    "B": "the terminal may try again",
    "C": "do not try again",
    "D": "the operator must act",
    "E": "system fault, do not try again",
}
REQUESTS: dict[str, tuple[type, type]] = {
    "operator_verify": (asks.VerifyContents, outcomes.VerifiedOperator),
    "operator_sign_out": (asks.SignOutContents, outcomes.SignedOutFigures),
    "operator_confirm": (asks.ConfirmContents, outcomes.OpenedSession),
    "operator_lock": (asks.LockContents, outcomes.OrdersGiven),
    "operator_password": (asks.NewPasswordContents, outcomes.NothingSaid),
    "operator_approve": (asks.ApproveContents, outcomes.ApprovalGiven),
    "operator_manage": (asks.ManageContents, outcomes.NothingSaid),
    "operator_offline": (asks.OfflineContents, outcomes.OpenedSession),
    "status": (asks.StatusContents, outcomes.OrdersGiven),
}
VALUES = {
    tag: module
    for module, tags in {
        clock: (Tag.EARLIER_SINCE, Tag.TERMINAL_CLOCK, Tag.LOCKED_UNTIL, Tag.HOST_CLOCK),
        eyes: (Tag.EYES,),
        numbers: (
            *(Tag.RECORD_NO, Tag.SESSION_NO, Tag.TRIES_LEFT, Tag.ELAPSED_MS),
            *(Tag.WAIT_S, Tag.AMOUNT, Tag.APPROVAL_NO),
        ),
        offline: (Tag.OFFLINE,),
        undoing: (Tag.UNDOING,),
        order: (Tag.ORDER, Tag.ORDER_ANSWERS, Tag.ORDERS_TAKEN),
        reason: (Tag.REASON,),
        rules: (Tag.RULES,),
        self_check: (Tag.SELF_CHECK, Tag.HEALTH),
        shift: (Tag.FIGURES, Tag.NOTES),
        take_over: (Tag.TAKE_OVER,),
        word_list: (Tag.NEEDS, Tag.ORDERS, Tag.DEGRADED),
    }.items()
    for tag in tags
}
"""Which module of `cup/values` writes and reads a tag."""
MAC_WORDS = {
    "none": "none",
    "approved": "request; answer when approved",
    "always": "request and every answer",
    "ours": "request and every answer at our terminals; foreign ones may leave it out",
}


def messages_page() -> str:
    """The catalogue of messages, the field table and the dialects."""
    catalogue = [
        (
            f"{row.zh} {row.en}",
            f"{row.mti} / {row.answer_mti}",
            row.processing_code or "–",
            row.condition_code or "–",
            row.type_code or "–",
            row.network_code or "–",
            ", ".join(map(str, row.required)),
            ", ".join(map(str, row.optional)) or "–",
            MAC_WORDS[row.mac],
            "yes" if row.reversible else "no",
            row.total or "–",
        )
        for row in CATALOGUE.values()
    ]
    return _page(
        "Messages 报文",
        "The messages that terminal and host exchange. `zhanggui decode HEX` explains one part by part.",
        "## Catalogue",
        _table(
            (
                "message",
                "request / answer",
                "field 3",
                "field 25",
                "60.1",
                "60.3",
                "fields that a request can't lack",
                "fields of a payment that it may have",
                "MAC",
                "reversal",
                "total",
            ),
            catalogue,
        ),
        "A payment is told by its message type, 3, 25 and 60.1; one that no row fits is answered 40. A reversal (0400) takes 3, 25 "
        "and 60.1 from its original, and its trace number. Its total is the side on which a settlement counts a payment.",
        "## Fields",
        "Lengths count digits in `n` and `z`, bytes in `ans` and `b`. LL and LLL are BCD lengths of one and two bytes.",
        _table(("field", "name", "form", "length"), [_field_row(field) for field in UNIONPAY.fields]),
        "## Dialects",
        "A dialect is set where messages come in (`host.dialect`); it is never guessed. Refusals of payments and reversals: a terminal of"
        " ours believes none without MAC where they come with one (concepts/reversal.md); foreign terminals get them bare in any dialect.",
        _table(
            (
                "dialect",
                "TPDU bytes",
                "header bytes",
                "field table",
                "MAC",
                "MAC key",
                "TPDU of the answer",
                "refusals",
            ),
            [_dialect_row(dialect) for dialect in DIALECTS.values()],
        ),
        "Field tables that differ from the one above:",
        _table(("field table", "field", "name", "form", "length"), list(_other_fields())),
    )


def operator_messages_page() -> str:
    """Operator messages and their tags."""
    names = [name for name, row in CATALOGUE.items() if name in REQUESTS]
    meanings = _comments(operator_tags, r"^    ([A-Z_]+) = 0x[0-9A-F]{4}  # (.+)$")
    return _page(
        "Operator messages 操作员报文",
        "Our own messages for the operator's sign-in, on terminals whose operators the host checks. They are 0820 and 0830 "
        "with a MAC both ways, refusals too. The password stands in field 52 as a block under the PIN key: digits only, with "
        "`0000`, the last ten digits of the merchant number and the operator number as account part. Where a user name was typed, 63.1 "
        "is blank, and the account part is `0000` and the first six bytes of SHA-256 over merchant number, `:` and user name in small "
        "letters.",
        _table(
            ("60.3", "message", "fields that a request can't lack"),
            [
                (row.network_code, f"{row.zh} {row.en}", ", ".join(map(str, row.required)))
                for row in map(CATALOGUE.__getitem__, names)
            ],
        ),
        "Contents of field 62, typed, stand in `cup/messages/operator_asks.py` (requests) and `operator_outcomes.py` (answers): a "
        "program reads and writes these, never a tag.",
        _table(
            ("60.3", "contents of the request", "contents of a good answer"),
            [(CATALOGUE[name].network_code, *(f"`{kind.__name__}`" for kind in REQUESTS[name])) for name in names],
        ),
        "Any other answer says `RefusedOperator`, beside P6 `SignedInElsewhere`.",
        "## Field 62",
        f"BER-TLV; text is GB18030; unknown tags are passed over. Numbers have at most {NUMBER_DIGITS_MAX} digits.",
        _table(
            ("tag", "name", "holds", "typed value"),
            [(f"{int(tag):04X}", tag.name.lower(), meanings[tag.name], _typed(tag)) for tag in Tag],
        ),
        "## Refusals",
        _table(
            ("field 39", "中文", "English"),
            [(code, row.zh, row.en) for code, row in RESPONSE_CODES.items() if code.startswith("P")],
        ),
        "An unknown number and a wrong password get the same answer, P1; the sign-in record tells them apart.",
    )


def _typed(tag: Tag) -> str:
    """The module of `cup/values` that writes and reads a tag; a dash where the text stands for itself."""
    module = VALUES.get(tag)
    return f"`{module.__name__.rpartition('.')[2]}`" if module is not None else "–"


def response_codes_page() -> str:
    """Field 39."""
    return _page(
        "Response codes 应答码",
        "Field 39: what a code means and whose turn it is. A code that is not listed is shown as "
        f"“{response_codes.UNKNOWN.zh}”, “{response_codes.UNKNOWN.en}”.",
        _table(("class", "meaning"), list(CLASSES.items())),
        _table(
            ("code", "class", "中文", "English"),
            [(code, row.class_, row.zh, row.en) for code, row in RESPONSE_CODES.items()],
        ),
        "## What to do next 下一步\n\nAt the terminal, then behind it. `zhanggui explain CODE` prints it.",
        _table(("code", "中文", "English"), [_steps_row(code, row) for code, row in RESPONSE_CODES.items()]),
        "## Paid by a customer's code 付款码\n\nWhere a payment code stood in the place of a card, these say something else.",
        _table(
            ("code", "中文", "English", "下一步", "next"),
            [
                (code, reason.zh, reason.en, *_steps_row(code, reason)[1:])
                for code, row in RESPONSE_CODES.items()
                if (reason := reason_by_code(code)) != row
            ],
        ),
        "## Paid by the shop's code 收款码\n\nThe same, and where the shop showed the code, these say something else again.",
        _table(
            ("code", "中文", "English", "下一步", "next"),
            [
                (code, reason.zh, reason.en, *_steps_row(code, reason)[1:])
                for code in RESPONSE_CODES
                for reason in (reason_by_our_code(code),)
                if says_more_by_our_code(code)
            ],
        ),
        "## Codes on a terminal's screen 屏幕代码\n\nWhat a cashier reads to support on the phone; `R55` there is response code 55.",
        _table(
            ("code", "中文", "English", "下一步", "next"),
            [(code, row.zh, row.en, *_steps_row(code, row)[1:]) for code, row in all_screen_codes().items()],
        ),
    )


def _steps_row(code: str, row: ResponseCode | ScreenCode) -> tuple[str, str, str]:
    steps = (row.cashier, row.support)
    return (
        code,
        "；".join(step_words(step, "zh") for step in steps),
        "; ".join(step_words(step, "en") for step in steps),
    )


SAYS = {
    "paid": "paid",
    "waiting": "the customer is asked for something; asked again",
    "refused": "not paid, and over",
    "closed": "closed; no money stands",
    "returned": "the money is with the customer again",
    "absent": "not known there; asked again, then cancelled",
    "unclear": "nobody knows; asked again, then cancelled",
    "later": "the same is asked again",
    "too_late": "given back by a refund in place of a cancel",
}


def wallet_codes_page() -> str:
    """Every code of every wallet."""

    def rows(brand: BrandName) -> list[tuple[str, ...]]:
        found = [(key.partition(":")[2], row) for key, row in WALLET_CODES.items() if key.startswith(f"{brand}:")]
        return [
            (
                f"`{code}`",
                row.zh,
                row.en,
                SAYS[row.says],
                row.answer,
                *(step_words(step, lang) for step in (row.cashier, row.customer) for lang in ("zh", "en")),
            )
            for code, row in found
        ]

    head = ("code", "中文", "English", "the order", "39", "收银员", "cashier", "顾客", "customer")
    return _page(
        "Wallet codes 钱包代码",
        "What a QR wallet says of an order: its states and its codes. `zhanggui explain USERPAYING` prints one; UnionPay's two "
        "digits with the brand, `zhanggui explain unionpay:64`, because two digits alone are a response code. The names are those "
        "of the brands' documents; UnionPay's words for states are ours. A word that stands in no table decides nothing: the "
        "order is asked for again. 39 is what the terminal hears of a payment that ends with a refusal.",
        *(f"## {BRANDS[brand].en} {BRANDS[brand].zh}\n\n{_table(head, rows(brand))}" for brand in BRANDS),
    )


def settings_page() -> str:
    """Every setting with its variable, type and value when nothing is set."""
    rows = []
    for dotted in known_settings():
        section, _, name = dotted.rpartition(".")
        owner: object = getattr(Settings(), section) if section else Settings()
        value = getattr(owner, name)
        value = str(value).lower() if isinstance(value, bool) else value
        variable = PREFIX + dotted.replace(".", "_").upper()
        rows.append(
            (f"`{dotted}`", f"`{variable}`", _kind_of(type(owner), name), f"`{value}`" if value != "" else "empty")
        )
    return _page(
        "Settings 设置",
        "Each value comes from the first place that names it: an option of the command, the environment, `zhanggui.toml` in "
        "the current folder (or the file of `--config`), the value below; the language begins with that of the console (`LC_ALL`, "
        "`LC_MESSAGES`, `LANG`). A name that does not exist is an error. In the file, `host.port` is `port` in the section `[host]`.",
        _table(("setting", "environment", "kind", "when nothing is set"), rows),
        "`core_dumps` lets the system write the memory of a program that breaks to the disk, keys and all: for looking into a fault. "
        "`passphrase` opens the sealed keys: give it by environment, not in a file that others can read. Demo data bring "
        "their own. `host.store` is a database address such as `postgresql://…`; empty means the SQLite file in the data folder. "
        "`terminal.timeout_s` is written into each new terminal's `terminal.toml` when demo data are made; later `timeout_s` there counts.",
    )


def metrics_page() -> str:
    """Every figure of each program, with its words."""
    tables = (figure_rows(), office_figures.figure_rows(), terminal_figures.figure_rows(), bank_figures.figure_rows())
    rows = [
        (f"`{name}`", row.kind, row.label or "–", row.zh, row.en) for table in tables for name, row in table.items()
    ]
    return _page(*METRICS_TOLD[:2], _table(("figure", "kind", "label", "中文", "English"), rows), METRICS_TOLD[2])


def policy_page() -> str:
    """Every rule with its value and its clause in each profile."""
    profiles = [report(name) for name in PROFILES]
    return _page(
        "Policy 策略",
        "What the host and the terminals go by. A merchant has one profile and may set rules otherwise within the bounds below; "
        "`zhanggui policy report` prints what counts, `zhanggui policy set` and `zhanggui policy use` change it. The profiles are "
        "aligned with their sources, not assessed against them.",
        "## Values",
        _table(
            ("rule", "中文", "English", *PROFILES, "a merchant may set"),
            [
                (f"`{rows[0].rule}`", rows[0].zh, rows[0].en, *(_value(row.value) for row in rows), _may_be(rows[0]))
                for rows in zip(*profiles, strict=True)
            ],
        ),
        "Two rules never contradict each other: the shortest password is not longer than the longest, a first wait not longer "
        "than the longest, a lock comes before the cap, a warning before what it warns about.",
        "## Sources",
        "“operators C.3” is this project's own collection of figures: a proposal where no other source fixes one.",
        _table(
            ("rule", *PROFILES),
            [(f"`{rows[0].rule}`", *(row.clause for row in rows)) for rows in zip(*profiles, strict=True)],
        ),
    )


def rights_page() -> str:
    """Who may do what."""
    roles: tuple[Role, ...] = ("cashier", "supervisor", "administrator")
    marks = {"allow": "yes", "approval": "with approval", "deny": "–"}
    return _page(
        "Rights 权限",
        "Who may do what: cashiers 01 to 98, the supervisor 00, the administrator 99. “With approval” asks for a supervisor's "
        "password on the spot. The console (`zhanggui operators`, `terminals`, `policy`) belongs to whoever holds the data folder "
        "and its passphrase and may do everything; with `--by NUMBER` it acts with that operator's rights. Every act of management "
        "leaves a note in the chain of provable records (`zhanggui operators notes`). Rights of people of the office: "
        "[office rights](office-rights.md).",
        _table(
            ("action", "中文", "English", "cashier", "00", "99"),
            [
                (f"`{name}`", row.zh, row.en, *(marks[right_of(role, name)] for role in roles))
                for name, row in CAPABILITIES.items()
            ],
        ),
        "Managing an operator is a right over cashiers; for 00 `manage_supervisor` stands in its place, for 99 "
        "`manage_administrator`.\n\nA terminal that checks its operators itself may name a 00 or 99 that this shop has no row of. "
        "Such a number may make the payments that a cashier may make alone; one that needs an approval is refused to it (57).",
    )


def reasons_page() -> str:
    """Every reason word: cause and next step."""

    def row(word: str, reason: ReasonWords) -> tuple[str, ...]:
        zh, en = ("；".join(steps_in(reason, "zh")), "; ".join(steps_in(reason, "en")))
        name = f"`{word}:…`" if "{parameter}" in reason.zh else f"`{word}`"
        return (name, reason.zh.replace("{parameter}", "…"), reason.en.replace("{parameter}", "…"), zh, en)

    def steps_in(reason: ReasonWords, lang: str) -> list[str]:
        return [step_words(step, lang) for step in (reason.cashier, reason.support) if step]

    return _page(
        "Reasons 原因",
        "Why something was refused, undone or ended: one word in the log, in sign-in records and sessions, and in tag DF12 of "
        "operator messages. `zhanggui explain WORD` prints one with its cause and next step; it takes a response code too.",
        _table(
            ("reason", "中文", "English", "下一步", "next step"),
            [row(word, reason) for word, reason in all_reasons().items()],
        ),
    )


PAGES: dict[str, Callable[[], str]] = {
    "messages.md": messages_page,
    "reasons.md": reasons_page,
    "operator-messages.md": operator_messages_page,
    "policy.md": policy_page,
    "response-codes.md": response_codes_page,
    "rights.md": rights_page,
    "settings.md": settings_page,
    "metrics.md": metrics_page,
    "wallet-codes.md": wallet_codes_page,
}


def _value(value: int | str | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _may_be(row: RuleRow) -> str:
    if row.fixed:
        return "nothing else"
    if row.words:
        return ", ".join(row.words)
    return "yes, no" if row.kind == "yes_no" else f"{row.least} to {row.most}"


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", GENERATED, *parts)) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def _field_row(field: Field) -> tuple[str, str, str, str]:
    form = field.kind.value if field.prefix is Prefix.FIXED else f"{field.kind.value} {field.prefix.value}"
    return str(field.number), field.name, form, str(field.length)


def _dialect_row(dialect: Dialect) -> tuple[str, ...]:
    return (
        f"`{dialect.name}`",
        str(dialect.tpdu_bytes),
        str(dialect.header_bytes),
        dialect.spec.name,
        dialect.mac_algorithm.value,
        "16 bytes" if dialect.double_mac_key else "8 bytes",
        ("swapped" if dialect.swap_tpdu else "as it came") if dialect.tpdu_bytes else "–",
        "with MAC" if dialect.macs_refusals else "bare",
    )


def _other_fields() -> Iterator[tuple[str, ...]]:
    specs = {dialect.spec.name: dialect.spec for dialect in DIALECTS.values()}
    for spec in specs.values():
        for field in spec.fields:
            if UNIONPAY.table.get(field.number) != field:
                row = _field_row(field)
                counted = " (the prefix counts half bytes)" if field.prefix_counts_nibbles else ""
                yield (spec.name, *row[:3], row[3] + counted)


def _comments(module: object, pattern: str) -> dict[str, str]:
    source = Path(str(getattr(module, "__file__", ""))).read_text(encoding="utf-8")
    return dict(re.findall(pattern, source, re.MULTILINE))


def _kind_of(owner: type, name: str) -> str:
    kind = next(field.type for field in msgspec.inspect.type_info(owner).fields if field.name == name)  # type: ignore[attr-defined]
    match kind:
        case msgspec.inspect.BoolType():
            return "`true` or `false`"
        case msgspec.inspect.IntType(ge=low, le=high):
            return f"whole number, {low} to {high}"
        case msgspec.inspect.FloatType(le=high):
            return f"seconds, up to {high:g}"
        case msgspec.inspect.LiteralType(values=values):
            return " or ".join(f"`{value}`" for value in values)
        case _:
            return "text"


def main() -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

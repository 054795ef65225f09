"""Views: the keys that programs rely on, heads in both languages, cells that hold no secret and no formula."""

import io
import json
import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from rich.cells import cell_len
from tests.worlds.memory_host import tell_nothing

import zhanggui.views as views_package
from zhanggui.acquirer.findings.finding import Subject
from zhanggui.acquirer.people.rights import What
from zhanggui.acquirer.rows.records import (
    Batch,
    BatchDifference,
    CounterCode,
    Document,
    ExportState,
    Job,
    Merchant,
    Operator,
    OutboxMessage,
    Payment,
    PaymentScript,
    PersonState,
    ProposalState,
    SignIn,
    SupportCase,
    Terminal,
    TerminalOrder,
    Webhook,
    WebhookEvent,
)
from zhanggui.acquirer.rows.records.approvals import CaseKind, ReportedKind
from zhanggui.basics.numbers import (
    BatchNo,
    MerchantNo,
    OperatorNo,
    RecordNo,
    Rrn,
    TerminalNo,
    TraceNo,
    UnixMs,
)
from zhanggui.basics.visible import harmless, is_harmless
from zhanggui.basics.words import Lang
from zhanggui.cup.values.issuer_script import ScriptOutcome
from zhanggui.host.jobs.job_kinds import job_kinds
from zhanggui.views.audit_notes import AUDIT_NOTES, AuditNoteRow
from zhanggui.views.batches import BATCHES, DIFFERENCES
from zhanggui.views.cases import CASES
from zhanggui.views.day_slips import DAY_SLIPS
from zhanggui.views.documents import DOCUMENTS
from zhanggui.views.export_files import EXPORT_FILES
from zhanggui.views.findings import METRICS, SCORES, FindingRow, subject_words
from zhanggui.views.jobs import JOBS, job_row
from zhanggui.views.listing import View, iso, json_of, safe_cell, view_words, write_csv
from zhanggui.views.operators import OPERATORS, operator_row
from zhanggui.views.orders import ANSWERS, ORDERS
from zhanggui.views.payments import PAYMENTS, payment_row
from zhanggui.views.people import PEOPLE
from zhanggui.views.policy import PolicyShown
from zhanggui.views.proposals import PROPOSALS
from zhanggui.views.scripts import SCRIPTS
from zhanggui.views.shifts import SHIFTS
from zhanggui.views.sign_ins import SIGN_INS, Steps, sign_in_row
from zhanggui.views.slips import SLIPS_PRINTED
from zhanggui.views.terminals import TERMINALS, terminal_row
from zhanggui.views.tokens import TOKENS, TokenState
from zhanggui.views.webhooks import ANSWERS as MESSAGE_ANSWERS
from zhanggui.views.webhooks import MESSAGES, WEBHOOKS

VIEWS: list[View[Any]] = [
    *(JOBS, SLIPS_PRINTED, DOCUMENTS, DAY_SLIPS, SCRIPTS),
    *(PAYMENTS, SIGN_INS, OPERATORS, TERMINALS, BATCHES, DIFFERENCES),
    *(CASES, ORDERS, SHIFTS, AUDIT_NOTES, SCORES, METRICS, PEOPLE, PROPOSALS),
    *(WEBHOOKS, MESSAGES, TOKENS, EXPORT_FILES),
]
MERCHANT, TERMINAL, NOON = MerchantNo("102100058120001"), TerminalNo("10000001"), UnixMs(1_795_320_000_000)
KEYS: dict[type[msgspec.Struct], str] = {
    PAYMENTS.row: "merchant_no terminal_no batch_no trace_no kind state response_code amount_fen card entry_mode operator_no "
    "session_no rrn auth_code bank_state reversal_reason reason created decided reversed original_trace_no "
    "undone_by_trace_no shop_day pay_voucher wallet order_no",
    SIGN_INS.row: "record_no operator_no operator_name terminal_no place merchant_no shop outcome reason method steps elapsed_ms "
    "terminal_clock drift_s code_drift_s self_check eyes versions session_no approved_by taken_from shift_code_no "
    "ready_ms step_ms user_name way badge_no",
    Steps: "began verified confirmed ended",
    OPERATORS.row: "merchant_no operator_no name user_name role state failures_in_a_row locked_until password password_days_left "
    "initial_until code_enrolled code_drift_s last_sign_in unused_days stale signed_in_at badge_no",
    TERMINALS.row: "merchant_no terminal_no place model state operator_check failures_in_a_row locked_until operator_no session_no "
    "session_since session_locked not_ok locked_from_afar counter_code",
    BATCHES.row: "merchant_no terminal_no batch_no state outcome operator_no shop_day debit_count debit_fen credit_count credit_fen "
    "told_debit_count told_debit_fen told_credit_count told_credit_fen details_count case_no rrn first_payment settled closed "
    "overnight",
    JOBS.row: "merchant_no kind subject state owner cursor done_count total_count due started changed ended failed_count",
    EXPORT_FILES.row: "merchant_no export_no list_name format state rows size_bytes fault made_by made ready until",
    DIFFERENCES.row: "merchant_no terminal_no batch_no against trace_no what kind host_amount_fen told_amount_fen host_state",
    SHIFTS.row: "merchant_no session_no operator_no terminal_no opened ended end_reason",
    ORDERS.row: "merchant_no terminal_no order_no kind contents state good_from good_until given_by given told answered answer",
    CASES.row: "merchant_no case_no state what terminal_no operator_no record_no opened closed",
    AUDIT_NOTES.row: "merchant_no note_no actor action subject detail made reason",
    PEOPLE.row: "login name merchant_no role state operator_no has_second_factor failures_in_a_row locked_until last_try last_sign_in "
    "sessions password_set is_demo made made_by",
    PROPOSALS.row: "merchant_no proposal_no act asked reason amount_fen made_by made expires state "
    "decided_by decided note_no token_id ended_with",
    FindingRow: "detector severity subject since until facts usual p record_nos zh en",
    WEBHOOKS.row: "merchant_no webhook_no address events state failing_since two_secrets_until case_no made_by made "
    "changed token_id",
    MESSAGES.row: "merchant_no message_id webhook_no event subject state tries answer made next_try ended",
    TOKENS.row: "token_id name merchant_no login scopes state expires last_used_day made made_by revoked revoked_by",
    PolicyShown: "profile merchant_no rules",
}
"""What programs read by name. A key may be added at the end of a list; one that is there stays."""

PAYMENT = Payment(
    merchant_no=MERCHANT,
    terminal_no=TERMINAL,
    batch_no=BatchNo("000001"),
    trace_no=TraceNo("000007"),
    kind="sale",
    state="approved",
    fingerprint=b"f",
    amount_fen=12_345,
    masked_pan="621700*********0012",
    card_hash=b"h",
    entry_mode="051",
    operator_no="01",
    session_no=4,
    rrn=Rrn("000000000123"),
    response_code="00",
    created_ms=NOON,
)
ATTEMPT = SignIn(
    merchant_no=MERCHANT,
    record_no=RecordNo(9),
    terminal_no=TERMINAL,
    operator_no=OperatorNo("01"),
    operator_name="=HYPERLINK(1)",
    state="refused",
    reason="wrong_password",
    self_check="printer:warn,clock:ok",
    began_ms=NOON,
)


@pytest.mark.parametrize("shape", KEYS, ids=lambda shape: shape.__name__)
def test_the_keys_of_a_lists_json_stay_in_their_order(shape: type[msgspec.Struct]) -> None:
    assert shape.__struct_fields__ == tuple(KEYS[shape].split())


def test_json_has_figures_as_numbers_and_times_with_their_offset() -> None:
    (told,) = json.loads(json_of([payment_row(PAYMENT)]))
    assert (told["amount_fen"], told["session_no"], told["decided"]) == (12_345, 4, None)
    assert told["created"] == "2026-11-22T12:00:00.000+08:00"


def test_a_table_shows_what_a_person_needs_in_both_languages() -> None:
    rows = [payment_row(PAYMENT)]
    assert PAYMENTS.heads("zh")[6] == "金额"
    said_in: dict[Lang, tuple[str, ...]] = {"zh": ("成功", "00", "交易成功"), "en": ("approved", "00", "Approved")}
    for lang, said in said_in.items():
        (cells,) = PAYMENTS.cells(rows, lang)
        assert cells[:2] == ("2026-11-22 12:00:00", "10000001")
        assert cells[6:10] == ("¥123.45", *said)


def test_a_payment_tells_its_kind_in_words_what_it_is_about_and_what_has_undone_it() -> None:
    undone = msgspec.structs.replace(PAYMENT, undone_by_trace_no="000009")
    (cells,) = PAYMENTS.cells([payment_row(undone)], "zh")
    assert (cells[4], cells[7]) == ("消费", "成功 ← 000009")
    later = msgspec.structs.replace(PAYMENT, kind="made_up", original_trace_no="000007")
    (cells,) = PAYMENTS.cells([payment_row(later)], "en")
    assert cells[4] == "made_up → 000007"


def test_a_payment_without_an_answer_says_whether_the_bank_has_taken_it_back() -> None:
    said: dict[str, tuple[str, str]] = {
        "reversal_due": ("无应答，冲正处理中", "no answer, to undo"),
        "reversal_done": ("无应答，冲正完成", "no answer, undone"),
    }
    for bank_state, (zh, en) in said.items():
        row = payment_row(msgspec.structs.replace(PAYMENT, state="timed_out", bank_state=bank_state))
        assert (PAYMENTS.cells([row], "zh")[0][7], PAYMENTS.cells([row], "en")[0][7]) == (zh, en)


def literals(record: type[msgspec.Struct], field: str) -> set[str]:
    """What a field of a record may say."""
    return set(get_args(get_type_hints(record)[field])) - {""}


WORDS_BY_STEM: dict[str, set[str]] = {
    "payments.state": literals(Payment, "state"),
    "terminals.counter_code": literals(CounterCode, "state"),
    "payments.bank": literals(Payment, "bank_state"),
    "sign_ins.outcome": literals(SignIn, "state"),
    "scores.kind": literals(Subject, "kind"),
    "scripts.outcome": set(get_args(ScriptOutcome)),
    "tokens.state": set(get_args(TokenState)),
    "tokens.may": set(get_args(What)),
    "scripts.state": literals(PaymentScript, "state"),
    "documents.kind": literals(Document, "kind"),
    "documents.state": literals(Document, "erased_why") | {"kept"},
    "people.state": set(get_args(PersonState)),
    "proposals.state": set(get_args(ProposalState)),
    "jobs.kind": set(job_kinds(tell_nothing)),
    "jobs.state": literals(Job, "state"),
    "export_files.state": set(get_args(ExportState)),
    "terminals.state": literals(Terminal, "state"),
    "cases.what": {*get_args(CaseKind), *get_args(ReportedKind)},
    "orders.state": literals(TerminalOrder, "state"),
    "webhooks.state": literals(Webhook, "state"),
    "webhooks.event": {*get_args(WebhookEvent), "test"},
    "messages.answer": set(MESSAGE_ANSWERS),
    "messages.state": literals(OutboxMessage, "state"),
    "orders.answer": set(ANSWERS),
    "cases.state": literals(SupportCase, "state"),
    "batches.state": (literals(Batch, "state") | literals(Batch, "outcome") | {"open", "overnight"}) - {"closed"},
    "differences.against": literals(BatchDifference, "against"),
    "differences.what": literals(BatchDifference, "what"),
    "operators.state": literals(Operator, "state") | {"locked"},
    "operators.password": {"initial", "initial_expired", "factory", "expired", "own"},
    "policy": {"yes", "no"},
}
"""Each stem that a cell of a list makes a word from, and all that may come behind it."""


@pytest.mark.parametrize("stem", WORDS_BY_STEM)
def test_every_value_that_a_cell_shows_has_words(stem: str) -> None:
    assert WORDS_BY_STEM[stem]
    assert {f"{stem}.{value}" for value in WORDS_BY_STEM[stem]} <= set(view_words())


def test_every_stem_of_the_lists_is_looked_at_here() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(views_package.__file__ or "").parent.glob("*.py")
    )
    assert set(re.findall(r'word_of\(f"([a-z_.]+)\.\{', source)) == set(WORDS_BY_STEM)


def test_a_release_that_a_finding_is_about_is_named_without_a_shop() -> None:
    """`zhanggui findings` ended with a KeyError in a folder in which a new version was slow."""
    assert subject_words(Subject("release", "*", "smart 1.4.0"), "zh") == "软件版本 smart 1.4.0"


def test_a_list_in_chinese_says_why_in_chinese() -> None:
    (refused,) = SIGN_INS.cells([sign_in_row(ATTEMPT, {}, {})], "zh")
    assert "密码错误" in refused
    assert "wrong_password" in SIGN_INS.cells([sign_in_row(ATTEMPT, {}, {})], "en")[0]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_list_of_an_ordinary_day_fits_a_window_of_80_columns(lang: Lang) -> None:
    noted = AuditNoteRow(
        merchant_no=MERCHANT,
        note_no=1234,
        actor="00",
        action="reset_password",
        subject="01",
        detail="",
        made=iso(NOON),
        reason=None,
    )
    someone = Operator(
        merchant_no=MERCHANT,
        operator_no=OperatorNo("99"),
        name="系统管理员",
        role="administrator",
        salt=b"s",
        verifier=b"v",
        factory_password=1,
        password_set_ms=NOON,
        last_sign_in_ms=NOON,
    )
    shop = Merchant(merchant_no=MERCHANT, name="掌柜示范店", created_ms=NOON)
    till = Terminal(
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        model="keypad",
        place="二号收银台",
        dialect="unionpay",
        operator_check="host",
        master_key="",
        created_ms=NOON,
    )
    told: list[tuple[View[Any], Any]] = [
        (
            PAYMENTS,
            payment_row(
                msgspec.structs.replace(PAYMENT, amount_fen=1_000_000, state="timed_out", bank_state="reversal_done")
            ),
        ),
        (
            SIGN_INS,
            sign_in_row(msgspec.structs.replace(ATTEMPT, operator_name="王芳", session_no=12), {MERCHANT: "店"}, {}),
        ),
        (OPERATORS, operator_row(someone, shop, [], NOON)),
        (TERMINALS, terminal_row(till, None, None, NOON)),
        (AUDIT_NOTES, noted),
    ]
    for view, row in told:
        cells = [view.heads(lang, is_wide=False), *view.cells([row], lang, is_wide=False)]
        widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
        assert sum(widths) + 2 * (len(widths) - 1) <= 80, (view.name, cells)
        assert set(view.shown(is_wide=False)) <= set(view.shown())


def test_csv_is_flat_and_no_spreadsheet_runs_it() -> None:
    file = io.StringIO()
    write_csv(file, SIGN_INS, [sign_in_row(ATTEMPT, {MERCHANT: "店"}, {(MERCHANT, TERMINAL): "前台"})])
    head, line = file.getvalue().splitlines()
    told = dict(zip(head.split(","), line.split(","), strict=True))
    assert (told["shop"], told["place"], told["self_check"]) == ("店", "前台", "printer:warn clock:ok")
    assert told["operator_name"] == "'=HYPERLINK(1)"
    assert told["began"].startswith("2026-11-22T12:00")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_can_be_written_as_csv(view: View[Any]) -> None:
    file = io.StringIO()
    write_csv(file, view, [])
    heads = file.getvalue().strip().split(",")
    assert len(heads) == len(set(heads)) >= 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_column_has_a_head_and_no_word_is_left_over(lang: Lang) -> None:
    heads = [head for view in VIEWS for head in view.heads(lang)]
    assert all(heads)
    source = "".join(path.read_text(encoding="utf-8") for path in Path(str(views_package.__file__)).parent.glob("*.py"))
    columns = {f"{view.name}.{column.name}" for view in VIEWS for column in view.columns}
    composed = re.compile(r'f"([a-z_.]+\.)\{')
    stems = (*composed.findall(source), "findings.")
    left = [
        key for key in view_words() if key not in columns and f'"{key}"' not in source and not key.startswith(stems)
    ]
    assert not left


@pytest.mark.parametrize("record", [Payment, SignIn, Operator, Terminal])
def test_no_view_has_a_field_for_what_is_secret(record: type[msgspec.Struct]) -> None:
    secret = re.compile(r"key|salt|verifier|secret|hash|fingerprint")
    shown = {field for shape in KEYS for field in shape.__struct_fields__}
    assert not shown & {field for field in record.__struct_fields__ if secret.search(field)}


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\0x", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(1)", " =1", "\u3000＝1"],
)
def test_a_cell_that_begins_like_a_formula_is_text(text: str) -> None:
    assert safe_cell(text) == f"'{harmless(text)}"
    assert safe_cell(7) == 7


EVIL = "a\x1b]0;title\x07\0\x9b2J\u202eb\u200b\u2028"


def test_a_row_of_hostile_words_steers_no_console_in_any_form() -> None:
    """Whatever a terminal said of itself: text, CSV and JSON show it harmless, and JSON still means the same."""
    attempt = msgspec.structs.replace(ATTEMPT, versions=EVIL, operator_name=EVIL)
    row = sign_in_row(attempt, {MERCHANT: EVIL}, {(MERCHANT, TERMINAL): EVIL})
    file = io.StringIO()
    write_csv(file, SIGN_INS, [row])
    table = "\n".join(cell for line in SIGN_INS.cells([row], "zh") for cell in line)
    printed = json_of([row])
    for shown in (table, file.getvalue().replace("\r\n", "\n"), printed):
        assert all(is_harmless(line) for line in shown.split("\n"))
    assert msgspec.json.decode(printed) == [msgspec.to_builtins(row)]


def test_every_kind_of_job_has_words_and_one_of_a_newer_host_stands_as_it_came() -> None:
    job = Job(
        merchant_no=MERCHANT,
        kind="newer",
        subject="",
        state="running",
        due_ms=NOON,
        started_ms=NOON,
        changed_ms=NOON,
    )
    (shown,) = JOBS.cells([job_row(job)], "zh")
    assert shown[1] == "newer"
    assert {f"jobs.kind.{kind}" for kind in job_kinds(tell_nothing)} <= view_words().keys()

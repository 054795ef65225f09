"""Everything that reads bytes of others, by name: how it is called, what it may answer with, and what it is begun with."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from zhanggui.basics.errors import ProtocolError
from zhanggui.cup.dialect import INTERBANK, UNIONPAY
from zhanggui.cup.envelope import unwrap
from zhanggui.cup.messages import interbank, operator_asks, operator_outcomes
from zhanggui.cup.messages.balance import read_balance
from zhanggui.cup.messages.bank_statement import read_statement, read_statement_asked
from zhanggui.cup.messages.management import read_sign_on
from zhanggui.cup.messages.operator import read_operator_request
from zhanggui.cup.messages.payment import read_institutions, read_payment, read_reversal
from zhanggui.cup.messages.script_notice import read_bank_script_notice, read_script_notice
from zhanggui.cup.messages.settlement import read_settlement, read_settlement_answer, read_sums, read_upload
from zhanggui.cup.messages.signature import read_signature
from zhanggui.cup.messages.slip_ticks import read_marks, read_slip_ticks
from zhanggui.cup.operator_tags import Tags, pack_tags, unpack_tags
from zhanggui.cup.qr.field59 import read_field_59
from zhanggui.cup.qr.field59 import read_items as read_items_59
from zhanggui.cup.qr.merchant_code import check_of, read_merchant_code
from zhanggui.cup.qr.pay_code import read_pay_code
from zhanggui.cup.qr.received import read_received
from zhanggui.cup.transactions import (
    ASKED_TEXTS,
    DETAILS_MTIS,
    PAYMENTS,
    check_presence,
    check_texts,
    check_trace,
    identify,
)
from zhanggui.cup.values import parts
from zhanggui.cup.values.badge import read_badge
from zhanggui.cup.values.bar_code import read_bar_code
from zhanggui.cup.values.clock import read_clock
from zhanggui.cup.values.epoch import read_beginning
from zhanggui.cup.values.eyes import read_eyes, read_items
from zhanggui.cup.values.issuer_script import (
    RESULT_BYTES,
    SCRIPTS_MAX,
    read_results,
    read_scripts,
    write_results,
    write_scripts,
)
from zhanggui.cup.values.numbers import read_number, read_numbers
from zhanggui.cup.values.offline import read_terms, read_use
from zhanggui.cup.values.order import (
    ANSWERS_MAX,
    read_answers,
    read_order,
    read_taken,
    write_answers,
    write_order,
    write_taken,
)
from zhanggui.cup.values.phone import read_code, read_name
from zhanggui.cup.values.reason import read_reason
from zhanggui.cup.values.rules import read_rules
from zhanggui.cup.values.self_check import read_self_check
from zhanggui.cup.values.shift import read_figures, read_notes
from zhanggui.cup.values.slip import SlipLine
from zhanggui.cup.values.slip_link import SlipCopies, read_copies, read_link, write_copies, write_link
from zhanggui.cup.values.steps import read_steps
from zhanggui.cup.values.strokes import HEIGHT, WIDTH, read_strokes
from zhanggui.cup.values.take_over import read_take_over, read_way
from zhanggui.cup.values.undoing import read_undoing
from zhanggui.cup.values.word_list import read_words
from zhanggui.cup.wallets.messages import (
    BillLine,
    read_bill_line,
    read_notice,
    read_notice_answer,
    read_request,
    write_bill_line,
)
from zhanggui.cup.wallets.messages import read_answer as read_wallet_answer
from zhanggui.cup.wallets.signing import read_proof, read_time
from zhanggui.host.act_table import ACTS
from zhanggui.host.export_acts import EXPORT_LIST_ACT
from zhanggui.host.window.questions import DoAct, DoOnce, read_asked, read_question, write_message
from zhanggui.host.window.questions import read_answer as read_host_answer
from zhanggui.iso8583.framing import FrameSplitter
from zhanggui.iso8583.layout import lay_out, read_what_can_be_read
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.tlv import decode_tlv, walk_tlv
from zhanggui.terminal.page.messages import read_page_message
from zhanggui.vault.errors import WorkingKeysRejected
from zhanggui.vault.field62 import split
from zhanggui.vault.hsm import KeySet

VECTORS = Path(__file__).parents[1] / "vectors" / "cup" / "messages.json"
FRAME_BYTES_MAX = 512


@dataclass(frozen=True)
class Parser:
    """One parser. `refuses` are the errors by which it may say that the bytes are none of its own."""

    name: str
    parse: Callable[[bytes], object]
    refuses: tuple[type[Exception], ...]
    seeds: Sequence[bytes]


def survives(parser: Parser, data: bytes) -> None:
    """Run it; what it raises beside its own refusals goes on, and is a crasher."""
    try:
        parser.parse(data)
    except parser.refuses:
        return


def _office(data: bytes) -> None:
    """Both ends of the socket between an office alone and its host."""
    with suppress(ProtocolError):
        read_host_answer(data)
    with suppress(ProtocolError):
        question = read_question(data)
        write_message(question)
        if isinstance(question, DoAct | DoOnce):
            read_asked(ACTS.get(question.act, EXPORT_LIST_ACT).asked, question.asked)


def _bodies() -> list[bytes]:
    """Public sample messages without what stands around them."""
    samples = json.loads(VECTORS.read_text(encoding="utf-8"))["messages"]
    raw = [bytes.fromhex(text) for one in samples for text in one.values() if isinstance(text, str) and _is_hex(text)]
    cut = [data[13:] for data in raw if len(data) > 13]
    return [*cut, *raw, b"\x08\x00" + bytes(8)]


def _is_hex(text: str) -> bool:
    return len(text) >= 40 and len(text) % 2 == 0 and all(character in "0123456789abcdefABCDEF" for character in text)


def _frames(data: bytes) -> None:
    splitter = FrameSplitter(max_length=FRAME_BYTES_MAX)
    for place in range(0, len(data), 7):
        splitter.feed(data[place : place + 7])
    assert splitter.pending < FRAME_BYTES_MAX + 2


def _layout(data: bytes) -> None:
    layout = lay_out(UNIONPAY.spec, data)
    assert sum(part.length for part in layout.placed) <= len(data)
    read_what_can_be_read(UNIONPAY.spec, data)


def _request(data: bytes) -> object:
    """As the host's reception reads a request, up to the typed contents of its tags."""
    message = UNIONPAY.codec.decode(data)
    row = identify(message)
    if row is None:
        return None
    check_presence(row, message)
    check_texts(message, ASKED_TEXTS)
    check_trace(message)
    if row.name in PAYMENTS:
        return read_payment(message, row)
    if row.name == "reversal":
        return read_reversal(message)
    if row.name == "settlement":
        return read_settlement(message)
    if row.mti in DETAILS_MTIS:
        return read_upload(message, row)
    if row.name == "slip_ticks":
        read_slip_ticks(message)
    if row.name in ("signature", "signature_part"):
        _signature(read_signature(message).content)
    if row.name == "script_notice":
        return read_script_notice(message).results
    if row.name.startswith("sign_on"):
        return read_sign_on(message)
    if row.name.startswith(("operator", "status")):
        _asks(read_operator_request(message).tags)
    return None


def _answer(data: bytes) -> None:
    """As a terminal reads an answer."""
    message = UNIONPAY.codec.decode(data)
    read_balance(message)
    institutions = message.fields.get(44)
    if isinstance(institutions, str):
        read_institutions(institutions)
    for read in (read_settlement_answer, read_sums):
        _refused_or_read(read, message)
    field_62 = message.fields.get(62)
    if isinstance(field_62, bytes):
        _outcomes(unpack_tags(field_62))


def _refused_or_read(read: Callable[[Message], object], message: Message) -> None:
    try:
        read(message)
    except ProtocolError:
        return


ASKS = (
    operator_asks.read_measured,
    operator_asks.read_verify,
    operator_asks.read_confirm,
    operator_asks.read_sign_out,
    operator_asks.read_lock,
    operator_asks.read_new_password,
    operator_asks.read_approve,
    operator_asks.read_manage,
    operator_asks.read_phone,
    operator_asks.read_offline,
    operator_asks.read_status,
)
OUTCOMES = (
    operator_outcomes.read_verified,
    operator_outcomes.read_elsewhere,
    operator_outcomes.read_refused,
    operator_outcomes.read_opened,
    operator_outcomes.read_reported_wrong,
    operator_outcomes.read_signed_out,
    operator_outcomes.read_orders,
    operator_outcomes.read_approval,
    operator_outcomes.read_phone_code,
    operator_outcomes.read_phone_stands,
)


def _each(readers: Sequence[Callable[[Tags], object]], tags: Tags) -> None:
    for read in readers:
        try:
            read(tags)
        except ProtocolError:
            continue


def _asks(tags: Tags) -> None:
    _each(ASKS, tags)


def _outcomes(tags: Tags) -> None:
    _each(OUTCOMES, tags)


def _tags(data: bytes) -> None:
    tags = unpack_tags(data)
    assert unpack_tags(pack_tags(tags)) == {tag: text for tag, text in tags.items() if text}
    _asks(tags)
    _outcomes(tags)


VALUES: tuple[Callable[[str], object], ...] = (
    read_badge,
    read_bar_code,
    read_name,
    read_beginning,
    read_clock,
    read_eyes,
    read_figures,
    read_items,
    read_notes,
    read_field_59,
    read_items_59,
    read_merchant_code,
    read_number,
    read_numbers,
    read_pay_code,
    read_reason,
    read_received,
    read_rules,
    read_self_check,
    read_steps,
    read_take_over,
    read_terms,
    read_undoing,
    read_use,
    read_way,
    read_words,
    lambda text: read_code(text[:15], text[15:23], text[23:]),
    # Bytes that came by chance have no right check, and would never be looked into.
    lambda text: read_merchant_code(text + check_of(text)),
)


def _values(data: bytes) -> None:
    text = data.decode("gb18030", "replace")
    for read in VALUES:
        try:
            read(text)
        except ProtocolError:
            continue


def _signature(data: bytes) -> None:
    try:
        strokes = read_strokes(data)
    except ValueError:
        return
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for stroke in strokes for x, y in stroke)


def _part(data: bytes) -> None:
    have, address = parts.read_have(data)
    assert 0 <= have < 100
    assert len(address) <= len(data)
    try:
        part = parts.read_part(data)
    except ValueError:
        return
    assert parts.write_part(part) == data
    taken = parts.take(None, part)
    assert taken.verdict in ("more", "whole", "missing", "wrong")
    assert len(taken.whole) <= parts.WHOLE_BYTES_MAX


def _scripts(data: bytes) -> None:
    """Scripts as a terminal reads them off an answer, and results as a host and a bank do."""
    scripts = read_scripts(data)
    assert len(scripts) <= SCRIPTS_MAX
    assert read_scripts(write_scripts(scripts)) == scripts
    try:
        results = read_results(data)
    except ValueError:
        return
    assert len(write_results(results)) == len(results) * RESULT_BYTES == len(data)


def _orders(data: bytes) -> None:
    """An order as a terminal reads it, and what became of some as the host does."""
    text = data.decode("gb18030", "replace")
    order = read_order(text)
    assert order is None or read_order(write_order(order)) == order
    answers = read_answers(text)
    assert len(answers) <= ANSWERS_MAX
    assert read_answers(write_answers(answers)) == answers
    taken = read_taken(text)
    assert read_taken(write_taken(taken)) == taken


def _wallet(data: bytes) -> None:
    """What a wallet is asked and what it answers, and the proofs beside them."""
    for read in (read_request, read_wallet_answer, read_notice, read_notice_answer):
        with suppress(ProtocolError):
            read(data)
    line = read_bill_line(data)
    assert not isinstance(line, BillLine) or read_bill_line(write_bill_line(line)) == line
    text = data.decode("latin-1")
    time, proof = read_time(text), read_proof(text)
    assert time is None or time >= 0
    assert proof is None or len(proof) == len(text) // 2


def _slip(data: bytes) -> None:
    link = read_link("102100058120001", data.decode("latin-1"))
    assert link is None or write_link(link).endswith(data.decode("latin-1"))
    with suppress(ProtocolError):
        assert len(read_marks(Message("0830", {62: data}), 1)) == 1
    try:
        copies = read_copies(data)
    except ValueError:
        return
    assert read_copies(write_copies(copies)) == copies


BETWEEN_HOST_AND_BANK: tuple[Callable[[Message], object], ...] = (
    interbank.read_bank_payment,
    interbank.read_bank_reversal,
    interbank.read_bank_answer,
    read_statement_asked,
    read_statement,
    read_bank_script_notice,
)


def _bank(data: bytes) -> None:
    """As host and bank read each other."""
    message = INTERBANK.codec.decode(data)
    for read in BETWEEN_HOST_AND_BANK:
        _refused_or_read(read, message)


def _page(data: bytes) -> object:
    return read_page_message(data.decode("utf-8", "replace"))


def _working_keys(data: bytes) -> None:
    for key_set in KeySet:
        try:
            split(key_set, data)
        except WorkingKeysRejected:
            continue


_TAG_SEEDS = (b"", b"\xdf\x01\x02ok", b"\xdf\x02\x05power:ok")
_VALUE_SEEDS = (
    b"",
    b"power:ok,network:warn",
    b"idle_lock_s=300,badge=off",
    b"01,2,1795406400000",
    b"ZGB1-ABCD",
    b"3:12850",
    b"a>b,c>d",
    b"A30196212345678901234567A400412A1",
    b"A206501002020201600000202543180300600005204008EC7CD42405008321702  ",
    b"000201010212153148020000480200001021000581200015204541153031565406128.505802CN5902AB6002AB6304",
)
_SCRIPT_SEEDS = (
    bytes.fromhex("910A0011223344556677303072139F180400000001860A04DA9F580503AABBCCDD"),
    bytes.fromhex("710B8609841E000004AABBCCDD"),
    bytes.fromhex("12000000012000000002"),
)
_ORDER_SEEDS = (
    b"7,announcement,20261123120000,1,stock, 22:00",
    b"7:done:,8:refused:unknown_kind,9:expired:",
    b"7,8,9",
)
_WALLET_SEEDS = (
    b'{"merchant_no":"102100058120001","order_no":"A1","amount_fen":100}',
    b'{"code":"SUCCESS","state":"SUCCESS","amount_fen":100,"wallet_no":"V1"}',
    b'{"code":"SUCCESS","lines":[{"line_no":1,"order_no":"A1","wallet_no":"V1","amount_fen":100,"at_ms":1}]}',
    b'{"line_no":1,"order_no":"A1","wallet_no":"V1","amount_fen":100,"at_ms":1,"counter":"10000001"}',
    b'{"code":' + b"[" * 2_000,
    b"1795395303000",
    b"00" * 32,
)
_OFFICE_SEEDS = (
    b'{"ask":"greet"}',
    b'{"ask":"sign_in","login":"owner","password":"a long walk home","from_where":"127.0.0.1"}',
    b'{"ask":"act","proof":{"type":"session","login":"owner","session_id":"x"},"act":"rename_operator",'
    b'"asked":{"operator_no":"01","name":"A"},"merchant_no":"102100058120001","reason":""}',
    b'{"ask":"act","proof":{"type":"token","token":"zgt_x"},"act":"order_export","asked":{},"merchant_no":"*","reason":"x"}',
    b'{"ask":"once","proof":{"type":"token","token":"zgt_x"},"act":"use_kind","asked":[[[]]],"merchant_no":"1",'
    b'"reason":"","request":{"key":"k","lang":"zh","method":"POST","path":"/","body":"e30="}}',
    b'{"ask":"decide","proof":{"type":"session","login":"a","session_id":"x"},"what":"confirm","merchant_no":"*","proposal_no":1}',
    b'{"type":"greeting","version":"1","began":"a","changes":1,"public_key":"AA==","marks_key":"00"}',
    b'{"type":"done","reason":"","shown":"123456","note_no":7}',
    b'{"type":"failed","is_misuse":true,"text":"no"}',
    b'{"ask":' + b"[" * 2_000,
)
_PAGE_SEEDS = (
    b'{"type":"key","key":"1","screen":"amount"}',
    b'{"type":"sign","strokes":[[[1,2],[3,4]]]}',
    b'{"type":"ping"}',
)

PARSERS: Mapping[str, Parser] = {
    parser.name: parser
    for parser in (
        Parser("frames", _frames, (ProtocolError,), [b"\x00\x02ab\x00\x01c", *_bodies()[:4]]),
        Parser("envelope", lambda data: unwrap(UNIONPAY, data), (ProtocolError,), _bodies()),
        Parser("codec", UNIONPAY.codec.decode, (ProtocolError,), _bodies()),
        Parser("layout", _layout, (ProtocolError,), _bodies()),
        Parser(
            "tlv",
            lambda data: (decode_tlv(data), walk_tlv(data)),
            (ProtocolError,),
            [b"\x9c\x01\xff", b"\xe0\x02\x9c\x00"],
        ),
        Parser("request", _request, (ProtocolError,), _bodies()),
        Parser("answer", _answer, (ProtocolError,), _bodies()),
        Parser("tags", _tags, (ProtocolError,), _TAG_SEEDS),
        Parser("values", _values, (ProtocolError,), _VALUE_SEEDS),
        Parser("bank", _bank, (ProtocolError,), _bodies()),
        Parser("orders", _orders, (), _ORDER_SEEDS),
        Parser("wallet", _wallet, (), _WALLET_SEEDS),
        Parser("slip by link", _slip, (), [write_copies(SlipCopies((SlipLine("title", "a"),), (SlipLine("rule"),)))]),
        Parser("part", _part, (), [parts.write_part(parts.split("signature", b"drawn")[0])]),
        Parser("signature", _signature, (), [b"ZGS1\x02\x00\x01\x02\x03\x04", b"ZGS4\x02\x01\x02\x03\x04"]),
        Parser("scripts", _scripts, (), _SCRIPT_SEEDS),
        Parser("office", _office, (), _OFFICE_SEEDS),
        Parser("page", _page, (ProtocolError,), _PAGE_SEEDS),
        Parser("working_keys", _working_keys, (), [bytes(24), bytes(40), bytes(60)]),
    )
}

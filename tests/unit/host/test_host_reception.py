"""Reception: any bytes become work, an answer 30 or 40, or a logged reason; nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.cup.sample_messages import SAMPLES, Sample
from tests.worlds.memory_host import MERCHANT, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.rows.decision import Decision
from zhanggui.basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo
from zhanggui.cup.dialect import DIALECTS, UNIONPAY
from zhanggui.cup.envelope import wrap
from zhanggui.cup.messages.management import management_request
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.cup.values.parts import PART_BYTES, split, write_part
from zhanggui.host.wire.reception import Reception
from zhanggui.host.work import Work
from zhanggui.iso8583.message import Message

IDENTITY: dict[int, str | bytes] = {11: "000001", 41: TERMINAL, 42: MERCHANT}
HOST = MemoryHost()

ASKED = [name for name, row in CATALOGUE.items() if not row.from_host]
"""What terminals send; what the host sends unasked is nothing that a terminal may ask."""


class Desk:
    """Where reception hands its work to."""

    def __init__(self, dialect: str = "unionpay") -> None:
        self.works: list[Work] = []
        self.dialect = DIALECTS[dialect]
        self.line = Line(self.dialect)
        self.reception = Reception(HOST.desk, self.dialect, self.works.append, HOST.clock.now)

    def receive(self, payload: bytes) -> None:
        self.reception.on_frame(self.line, payload)  # type: ignore[arg-type]  # a line of the test


def payload_of(mti: str, fields: dict[int, str | bytes]) -> bytes:
    return wrap(UNIONPAY, UNIONPAY.codec.encode(Message(mti, fields)))


@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_taken(data: bytes) -> None:
    Desk().receive(data)


@given(st.data())
def test_any_body_behind_a_right_envelope_is_taken(data: st.DataObject) -> None:
    mti = data.draw(st.sampled_from(["0200", "0400", "0800", "0820", "0210", "0320", "9990"]))
    bitmap = data.draw(st.sets(st.sampled_from([3, 4, 11, 22, 25, 39, 41, 42, 49, 60, 62, 63, 64])))
    bits = sum(1 << (64 - number) for number in bitmap).to_bytes(8, "big")
    Desk().receive(wrap(UNIONPAY, bytes.fromhex(mti) + bits + data.draw(st.binary(max_size=200))))


@given(st.sampled_from(SAMPLES), st.data())
def test_messages_of_others_with_any_byte_changed_are_taken(sample: Sample, data: st.DataObject) -> None:
    changed = bytearray(sample.payload)
    for _ in range(data.draw(st.integers(0, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    Desk(data.draw(st.sampled_from(list(DIALECTS)))).receive(bytes(changed))


def whole_fields(name: str) -> dict[int, str | bytes]:
    row = CATALOGUE[name]
    made: dict[int, str | bytes] = {
        3: "000000",
        4: "000000000100",
        15: "1123",
        22: "051",
        25: "00",
        32: "08888888",
        37: "000000000042",
        38: "123456",
        39: "98",
        48: "0" * 62,
        49: "156",
        52: bytes(8),
        53: "2600000000000000",
        55: bytes.fromhex("DF31052000000001"),
        61: "000001000003",
        62: b"",
        63: "01 ",
        64: bytes(8),
    }
    fields = IDENTITY | {number: made[number] for number in row.required if number in made}
    if (row.dated or name == "script_notice") and 61 in fields:
        fields[61] = "0000010000031123"
    if name == "upload_stripe":
        # Without a block of details in 48 it tells one payment by itself.
        fields[4] = made[4]
    of = CATALOGUE["sale"] if name == "reversal" else row
    if name == "signature":
        fields[62] = b"strokes"
    if name == "slip_ticks":
        fields[62] = b"look:000001000001"
    if name == "signature_part":
        fields[62] = write_part(split("signature", bytes(PART_BYTES + 1))[0])
    if name == "operator_verify":
        # A password, or a badge.
        fields[52] = made[52]
    fields[60] = (of.type_code or "00") + "000001" + row.network_code
    if of.is_payment:
        fields[3], fields[25] = of.processing_code, of.condition_code
    if row.is_payment and row.takes_card:
        fields[2] = "6217000000000000012"
        fields[55] = made[55]
    if row.is_payment and not row.takes_card:
        fields[22] = "032"
    if 59 in row.required:
        fields[59] = (
            "Z1006wechat" if row.is_our_code else "A40041234" if row.is_received else "A30196212345678901234567"
        )
    return fields


@pytest.mark.parametrize("name", ASKED)
def test_each_message_of_the_catalogue_becomes_work(name: str) -> None:
    desk = Desk()
    desk.receive(payload_of(CATALOGUE[name].mti, whole_fields(name)))
    assert len(desk.works) == 1
    assert desk.line.sent == []


@pytest.mark.parametrize("name", ASKED)
def test_a_missing_field_is_answered_30_to_whoever_can_be_named(name: str) -> None:
    for number in CATALOGUE[name].required:
        desk = Desk()
        fields = whole_fields(name)
        del fields[number]
        desk.receive(payload_of(CATALOGUE[name].mti, fields))
        assert desk.works == []
        if number in (11, 41, 42):
            assert desk.line.sent == []
            continue
        (answer,) = desk.line.sent
        # Without what tells one message from another it is outside the catalogue.
        tells_apart = (3, 60) if CATALOGUE[name].is_payment else (60,)
        assert answer.fields[39] == ("40" if number in tells_apart and CATALOGUE[name].mti != "0400" else "30")
        assert answer.mti == CATALOGUE[name].answer_mti
        assert {key: answer.fields[key] for key in IDENTITY} == IDENTITY
        assert {12, 13} <= answer.fields.keys()


@pytest.mark.parametrize("name", ["sale", "reversal"])
@pytest.mark.parametrize("other", [{3: "990000"}, {25: "64"}, {60: "99000001"}])
def test_a_payment_or_a_reversal_with_codes_of_no_kind_is_answered_40(name: str, other: dict[int, str | bytes]) -> None:
    desk = Desk()
    desk.receive(payload_of(CATALOGUE[name].mti, whole_fields(name) | other))
    assert (desk.line.codes, desk.works) == (["40"], [])


@pytest.mark.parametrize(
    ("mti", "fields", "code"),
    [
        ("0200", {3: "990000", 60: "99000001"}, "40"),
        ("0820", {60: "00000001999"}, "40"),
        ("0800", {60: "00000001360"}, "40"),
        ("0500", {60: "00000001209"}, "40"),
        ("0500", {60: "00000001201"}, "30"),
        ("0320", {48: "09", 60: "00000001201"}, "30"),
        ("0820", {60: "00000001401", 52: bytes(8), 53: "2600000000000000", 62: b"\xdf", 63: "01 ", 64: bytes(8)}, "30"),
        ("0800", {60: "00000001003", 63: "ABC"}, "30"),
    ],
)
def test_what_is_not_served_or_not_understood_is_answered_so(
    mti: str, fields: dict[int, str | bytes], code: str
) -> None:
    desk = Desk()
    desk.receive(payload_of(mti, IDENTITY | fields))
    assert (desk.line.codes, desk.works) == ([code], [])


def test_a_message_that_is_cut_behind_its_identity_is_answered_30() -> None:
    desk = Desk()
    whole = payload_of("0820", IDENTITY | {60: "00000001301"})
    desk.receive(whole[:-1])
    (answer,) = desk.line.sent
    assert (answer.mti, answer.fields[39], answer.fields[11]) == ("0830", "30", "000001")
    assert not desk.line.closed


@pytest.mark.parametrize("payload", [b"", b"x", b"\x60" * 11, b"\x61" + bytes(40)])
def test_a_frame_without_a_message_closes_the_line(payload: bytes) -> None:
    desk = Desk()
    desk.receive(payload)
    assert desk.line.closed
    assert desk.line.sent == []


@pytest.mark.parametrize("mti", ["0210", "0830", "0811", "0801"])
def test_what_is_no_request_is_never_answered(mti: str) -> None:
    desk = Desk()
    desk.receive(payload_of(mti, IDENTITY | {60: "00000001301"}))
    assert (desk.line.sent, desk.works) == ([], [])


async def test_an_answer_has_the_addresses_swapped_and_the_header_of_its_request() -> None:
    sent: list[bytes] = []

    class RawLine(Line):
        def send(self, payload: bytes) -> None:
            sent.append(payload)

    desk = Desk()
    desk.line = RawLine()
    message = management_request(
        CATALOGUE["echo"], MerchantNo(MERCHANT), TerminalNo(TERMINAL), BatchNo("000001"), TraceNo("000001")
    )
    body = UNIONPAY.codec.encode(message)
    desk.receive(bytes.fromhex("6000031234603110000031") + body[:-1])
    assert sent[0][:11].hex() == "6012340003" + "603110000031"
    assert Decision().reply is None


def test_a_ring_is_none_of_a_terminals_messages() -> None:
    desk = Desk()
    desk.receive(payload_of(CATALOGUE["ring"].mti, whole_fields("ring")))
    assert [answer.fields[39] for answer in desk.line.sent] == ["40"]
    assert not desk.works

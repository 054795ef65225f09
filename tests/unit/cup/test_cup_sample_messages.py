"""Messages of other people's terminals and hosts are read to the last byte, written back and explained without a secret."""

import re
from itertools import pairwise
from typing import get_args

import msgspec
import pytest
from tests.unit.cup.sample_messages import DIALECT_OF_SAMPLE, SAMPLES, Sample

from zhanggui.basics.words import Lang
from zhanggui.cup.dialect import DIALECTS
from zhanggui.cup.envelope import unwrap
from zhanggui.cup.explain import explain

LANGS: tuple[Lang, ...] = get_args(Lang)
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def test_all_29_samples_are_here_and_each_has_a_dialect() -> None:
    assert len(SAMPLES) == 29
    assert {sample.name for sample in SAMPLES} == DIALECT_OF_SAMPLE.keys()


@each_sample
def test_a_sample_is_read_to_its_last_byte_and_holds_what_its_row_says(sample: Sample) -> None:
    envelope = unwrap(sample.dialect, sample.payload)
    assert (envelope.tpdu, envelope.header) == (sample.tpdu, sample.header)
    message = sample.dialect.codec.decode(envelope.body)
    assert message.mti == sample.mti
    assert message.fields == sample.fields


@each_sample
def test_a_sample_is_written_back_byte_for_byte(sample: Sample) -> None:
    # Every pad nibble of the 29 is a 0, as we write it, so none of them differs.
    body = unwrap(sample.dialect, sample.payload).body
    message = sample.dialect.codec.decode(body)
    assert sample.dialect.codec.encode(message) == body


@each_sample
def test_one_byte_more_or_less_is_a_fault(sample: Sample) -> None:
    for payload in (sample.payload + b"\0", sample.payload[:-1]):
        assert explain(payload, sample.dialect, "en").fault


@each_sample
def test_the_parts_of_an_explanation_cover_the_message_without_a_gap(sample: Sample) -> None:
    explained = explain(sample.payload, sample.dialect, "zh")
    assert explained.fault == ""
    assert explained.parts[0].offset == 0
    assert all(before.offset + before.length == after.offset for before, after in pairwise(explained.parts))
    assert explained.parts[-1].offset + explained.parts[-1].length == len(sample.payload)
    assert [part.number for part in explained.parts if part.number is not None] == sorted(sample.fields)


def secrets_of(sample: Sample) -> set[str]:
    """Every text of this sample that nobody may see: card number, tracks, PIN block, expiry, enciphered keys."""
    found: set[str] = set()
    for number, value in sample.fields.items():
        text = value if isinstance(value, str) else value.hex().upper()
        match number:
            case 2 | 52:
                found.add(text)
            case 35 | 36:
                found.update((text.partition("=")[0], text.partition("=")[2][:8], text[-8:]))
            case 62 if sample.mti == "0810":
                # Check values may be seen; any eight bytes hold more than one of them.
                found.update(text[at : at + 16] for at in range(0, len(text) - 15, 2))
            case _:
                pass
    return {secret for secret in found if len(secret) >= 8}


@each_sample
@pytest.mark.parametrize("lang", LANGS)
def test_an_explanation_never_shows_a_secret(sample: Sample, lang: Lang) -> None:
    shown = msgspec.json.encode(explain(sample.payload, sample.dialect, lang)).decode()
    parts = {part.number: part.value for part in explain(sample.payload, sample.dialect, lang).parts}
    for secret in secrets_of(sample):
        for number in (2, 35, 36, 52, 62):
            assert secret not in parts.get(number, "")
        if not re.fullmatch(r"0+", secret):
            assert secret not in shown


def test_both_languages_name_the_message_and_its_fields() -> None:
    sample = next(sample for sample in SAMPLES if sample.name == "spp-sale-req")
    zh, en = (explain(sample.payload, sample.dialect, lang) for lang in LANGS)
    assert (zh.title, en.title) == ("0200 · 消费 · 请求", "0200 · sale · request")
    amount = {part.number: part for part in en.parts}[4]
    assert (amount.name, amount.value, amount.meaning) == ("amount", "000000700000", "¥7,000.00")
    assert {part.number: part for part in zh.parts}[22].meaning == "刷卡, 有密码"


def test_every_message_dialect_is_used_by_a_sample() -> None:
    # These are our own: they differ in the MAC, or share the field table.
    assert DIALECTS.keys() - set(DIALECT_OF_SAMPLE.values()) == {
        "unionpay-x919",
        "unionpay-bare-refusals",
        "unionpay-identity-59",
        "unionpay-identity-57",
        "interbank",
    }

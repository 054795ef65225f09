"""Any message goes out and comes back the same; the table and the plans always agree."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.iso8583.cup_like import CUP_LIKE, ODD_CHOICES, messages

from zhanggui.iso8583.codec import Codec
from zhanggui.iso8583.errors import DecodeError, EncodeError
from zhanggui.iso8583.fields import Spec
from zhanggui.iso8583.layout import HEAD_BYTES, lay_out
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.plans import make_decode_plan, make_encode_plan
from zhanggui.iso8583.writing import write_message

SPECS = [CUP_LIKE, ODD_CHOICES]


def by_table(spec: Spec, data: bytes) -> Message | None:
    layout = lay_out(spec, data)
    if layout.error is not None:
        return None
    return Message(data[:2].hex(), {part.number: part.value for part in layout.placed if part.number is not None})


def without_table(spec: Spec, data: bytes) -> Message | None:
    """What a plan alone says; None where it leaves the decision to the table."""
    return make_decode_plan(spec, data[:HEAD_BYTES])(data)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@given(data=st.data())
def test_what_is_encoded_is_decoded_the_same(spec: Spec, data: st.DataObject) -> None:
    message = data.draw(messages(spec))
    wire = write_message(spec, message)
    assert by_table(spec, wire) == message
    codec = Codec(spec)
    for _ in range(4):
        assert codec.encode(message) == wire
        assert codec.decode(wire) == message
    assert codec.plans == (1, 1)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@given(data=st.data())
def test_a_plan_never_gives_up_on_a_message_with_digits_in_every_pad(spec: Spec, data: st.DataObject) -> None:
    message = data.draw(messages(spec))
    shuffled = Message(message.mti, dict(data.draw(st.permutations(list(message.fields.items())))))
    wire = make_encode_plan(spec, tuple(shuffled.fields))(shuffled.mti, shuffled.fields)
    assert wire == write_message(spec, message)
    assert wire is not None
    assert without_table(spec, wire) == message


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@given(data=st.data())
def test_a_plan_says_what_the_table_says_or_nothing(spec: Spec, data: st.DataObject) -> None:
    """One to four bytes of a good message are changed, or it is cut or grows."""
    message = data.draw(messages(spec).filter(lambda message: message.fields))
    wire = bytearray(write_message(spec, message))
    for _ in range(data.draw(st.integers(0, 4))):
        wire[data.draw(st.integers(HEAD_BYTES, len(wire) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(HEAD_BYTES, len(wire) + 3))
    broken = bytes(wire[:end].ljust(end, b"\x00")) if data.draw(st.booleans()) else bytes(wire)
    fast = without_table(spec, broken)
    slow = by_table(spec, broken)
    assert fast is None or fast == slow
    codec = Codec(spec)
    good = write_message(spec, message)
    for _ in range(4):
        codec.decode(good)
    if slow is None:
        with pytest.raises(DecodeError):
            codec.decode(broken)
    else:
        assert codec.decode(broken) == slow


ANY_VALUE = st.one_of(
    st.text(max_size=30),
    st.text("0123456789=aAdDfF \n٣²", max_size=30),
    st.binary(max_size=30),
    st.none(),
    st.integers(),
    st.lists(st.sampled_from(["0", "1"]), max_size=9),
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@given(data=st.data())
def test_a_value_is_written_the_same_by_plan_and_table_or_refused_by_both(spec: Spec, data: st.DataObject) -> None:
    message = data.draw(messages(spec).filter(lambda message: message.fields))
    mti = data.draw(st.one_of(st.just(message.mti), st.text(max_size=5), st.text("0123456789٣ ", max_size=5)))
    number = data.draw(st.sampled_from(sorted(message.fields)))
    changed = Message(mti, {**message.fields, number: data.draw(ANY_VALUE)})
    fast = make_encode_plan(spec, tuple(changed.fields))(changed.mti, changed.fields)
    slow = None
    with suppress(EncodeError):
        slow = write_message(spec, changed)
    assert fast is None or fast == slow

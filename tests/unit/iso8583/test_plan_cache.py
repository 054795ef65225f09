"""Plans are bounded in number and in the work that a stranger can cause."""

from random import Random

import pytest
from tests.unit.iso8583.cup_like import CUP_LIKE, sale, warm_up

from zhanggui.iso8583.codec import Codec
from zhanggui.iso8583.errors import DecodeError
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.plan_cache import CREDIT_MAX, PLAN_COST, SIGHTS_BEFORE_PLAN, SIGHTS_MAX, PlanCache
from zhanggui.iso8583.writing import bitmap_of, write_message


def sight(cache: PlanCache[int, str], key: int, times: int = SIGHTS_BEFORE_PLAN) -> None:
    for _ in range(times):
        cache.sighted(key)


def test_a_plan_is_made_at_the_third_sight() -> None:
    codec = Codec(CUP_LIKE)
    data = write_message(CUP_LIKE, sale())
    counts = []
    for _ in range(4):
        codec.decode(data)
        codec.encode(sale())
        counts.append(codec.plans)
    assert counts == [(0, 0), (0, 0), (1, 1), (1, 1)]


def test_a_message_that_can_not_be_read_never_leads_to_a_plan() -> None:
    codec = Codec(CUP_LIKE)
    data = write_message(CUP_LIKE, sale())[:-1]
    for _ in range(10):
        with pytest.raises(DecodeError):
            codec.decode(data)
    assert codec.plans == (0, 0)


def test_ten_thousand_bitmaps_grow_nothing_past_its_bound() -> None:
    chance = Random(8583)
    codec = Codec(CUP_LIKE, plans_max=16)
    field_values = sale().fields | {12: "120000", 13: "0102", 15: "0102", 32: "48480000", 37: "R" * 12, 39: "00"}
    for _ in range(10_000):
        chosen = {number: field_values[number] for number in field_values if chance.random() < 0.5}
        message = Message("0200", chosen)
        data = codec.encode(message)
        assert codec.decode(data) == message
        assert max(codec.plans) <= 16
    for cache in (codec._decode_plans, codec._encode_plans):
        assert cache.sights <= SIGHTS_MAX


def test_ten_thousand_bitmaps_that_come_three_times_each_grow_nothing_either() -> None:
    made: list[int] = []

    def make(key: int) -> str:
        made.append(key)
        return f"plan {key}"

    cache = PlanCache(make, plans_max=8)
    for key in range(10_000):
        sight(cache, key)
        assert len(cache) <= 8
        assert cache.sights <= SIGHTS_MAX
    allowed = CREDIT_MAX // PLAN_COST + 10_000 * SIGHTS_BEFORE_PLAN // PLAN_COST
    assert CREDIT_MAX // PLAN_COST < len(made) <= allowed


def test_a_plan_in_use_outlives_a_stream_of_others() -> None:
    cache: PlanCache[int, str] = PlanCache(lambda key: f"plan {key}", plans_max=8)
    sight(cache, -1)
    for key in range(100):
        sight(cache, key)
        assert (cache.get(-1) or cache.recall(-1)) == "plan -1"
    assert cache.get(0) is None
    assert cache.recall(0) is None


def test_a_recalled_plan_still_reads_and_writes() -> None:
    codec = Codec(CUP_LIKE, plans_max=2)
    first, second = sale(), Message("0800", {11: "000001"})
    data = warm_up(codec, first)
    warm_up(codec, second)
    assert codec.plans == (2, 2)
    assert codec.decode(data) == first
    assert codec.encode(first) == data
    assert codec.plans == (2, 2)


def test_a_plan_that_gives_up_is_not_made_again() -> None:
    codec = Codec(CUP_LIKE)
    padded = bytearray(warm_up(codec, sale()))
    padded[20] |= 0x0F
    for _ in range(10):
        assert codec.decode(bytes(padded)).fields[2] == sale().fields[2]
    assert codec.plans == (1, 1)


def test_a_cache_needs_room_for_two_generations() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        Codec(CUP_LIKE, plans_max=1)


def test_one_plan_serves_every_message_type_when_writing_and_one_when_reading() -> None:
    codec = Codec(CUP_LIKE)
    for mti in ("0200", "0400"):
        message = Message(mti, sale().fields)
        assert warm_up(codec, message)[:10] == bytes.fromhex(mti) + bitmap_of(CUP_LIKE, sale().fields)
        assert codec.decode(warm_up(codec, message)).mti == mti
    assert codec.plans == (2, 1)

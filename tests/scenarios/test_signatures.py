"""A signature on the screen, over TCP: its answer lost, then the power, then sent once more; kept once, and sealed."""

from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.recording_wire import Seen
from tests.worlds.true_terminal import AtTheCounter, at_the_counter

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.numbers import MerchantNo
from zhanggui.cup.values.feature_code import feature_code
from zhanggui.cup.values.parts import split
from zhanggui.cup.values.strokes import WIDTH, Strokes, read_strokes, write_strokes
from zhanggui.host.keys import HostKeys, open_host_keys
from zhanggui.programs.data_folder import Places, open_host_vault

ESIGN = "10000002"
STROKES = (((20, 80), (120, 40), (200, 100)), ((300, 20),))
LONG = tuple(tuple((10 + at * 15 + step % 7, 20 + step) for step in range(60)) for at in range(20))
"""Twelve hundred points: five parts and more."""


async def sell_and_sign(at: AtTheCounter, strokes: Strokes = STROKES) -> str:
    """One sale; its trace number."""
    at.keys("sale")
    await at.screen("amount")
    at.keys(*"12850", "enter")
    await at.card_and_pin()
    await at.screen("sign_here")
    at.terminal.sign(strokes)
    view = await at.screen("standby")
    return view.rows[0].left.split()[-1]


def keys_of(house: House) -> HostKeys:
    places = Places(house.settings.data_path)
    return open_host_keys(open_host_vault(house.settings, places, SystemChance()), places.host_keys)


async def test_a_signature_that_was_lost_is_sent_again_after_a_power_cut_and_kept_once(
    house: House, ports: Ports
) -> None:
    async with at_the_counter(house, ports.take(), ESIGN, timeout_s=2.0) as at:
        wire, begun = at.wire, at.wire.place

        async def loses_uploads(seen: Seen) -> bool:
            # The upload has its payment's number, which no other management message has.
            return not (
                seen.mti == "0830" and seen.trace_no in {one.trace_no for one in wire.sent("0200", since=begun)}
            )

        wire.intercept = loses_uploads
        trace_no = await sell_and_sign(at)

        def is_answer(seen: Seen) -> bool:
            return seen.mti == "0830" and seen.trace_no == trace_no

        await wire.passes(is_answer, since=begun)
        assert len(house.host_rows("payment_signatures")) == 1, "the host had it; only its answer was lost"
        at.terminal.press_power()
        await at.screen("off")
        wire.intercept, cut = None, wire.place
        at.terminal.press_power()
        await at.sign_in()
        assert (await wire.passes(is_answer, since=cut)).response_code == "00"
    (signed,), (document,) = house.host_rows("payment_signatures"), house.host_rows("documents")
    (payment,) = [row for row in house.host_rows("payments") if row["trace_no"] == trace_no]
    settle_date = str(house.bank_rows("payments")[0]["settlement_date"])
    assert settle_date != "", "the day on which the bank settles it (field 15)"
    assert (signed["trace_no"], signed["feature_code"]) == (trace_no, feature_code(str(payment["rrn"]), settle_date))
    sealed, named = document["sealed"], document["document_id"]
    content = keys_of(house).open_document(MerchantNo(str(document["merchant_no"])), named, sealed)
    assert read_strokes(content) == STROKES
    assert content not in sealed


async def test_a_long_signature_goes_up_in_parts_and_after_a_power_cut_only_those_that_are_missing_follow(
    house: House, ports: Ports
) -> None:
    assert max(x for stroke in LONG for x, _ in stroke) <= WIDTH
    count = len(split("signature", write_strokes(LONG, 8_000)))
    assert count >= 5
    async with at_the_counter(house, ports.take(), ESIGN, timeout_s=2.0) as at:
        wire, begun = at.wire, at.wire.place
        answers = 0

        def is_upload(seen: Seen) -> bool:
            return seen.mti == "0820" and seen.trace_no in {one.trace_no for one in wire.sent("0200", since=begun)}

        async def loses_the_answer_to_the_third(seen: Seen) -> bool:
            nonlocal answers
            if seen.mti == "0830" and seen.trace_no in {one.trace_no for one in wire.sent("0200", since=begun)}:
                answers += 1
            return answers < 3

        wire.intercept = loses_the_answer_to_the_third
        trace_no = await sell_and_sign(at, LONG)

        def third(seen: Seen) -> bool:
            return is_upload(seen) and len([one for one in wire.frames[begun : seen.place + 1] if is_upload(one)]) == 3

        await wire.passes(third, since=begun)
        at.terminal.press_power()
        await at.screen("off")
        assert house.host_rows("payment_signatures") == []
        wire.intercept, cut = None, wire.place
        at.terminal.press_power()
        await at.sign_in()
        missing, back = 1 + count - 3, wire.sent("0800", since=cut)[0].place

        def completes(seen: Seen) -> bool:
            came = [one for one in wire.frames[back : seen.place + 1] if (one.mti, one.trace_no) == ("0830", trace_no)]
            return len(came) >= missing

        await wire.passes(completes, since=cut)
        assert len(house.host_rows("payment_signatures")) == 1
        sent_after = [one for one in wire.frames[back:] if is_upload(one)]
        assert len(sent_after) == missing, "the first one hears that three are there"
    documents = {str(row["kind"]): row for row in house.host_rows("documents")}
    signed, parts = documents["signature"], documents["parts"]
    content = keys_of(house).open_document(
        MerchantNo(str(signed["merchant_no"])), str(signed["document_id"]), signed["sealed"]
    )
    assert read_strokes(content) == LONG, f"every point of {trace_no}"
    assert (parts["sealed"], parts["erased_why"]) == (b"", "joined")

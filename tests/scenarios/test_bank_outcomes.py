"""Every test card over real TCP, repeats, reversals, doubt: what the host sees and what the bank holds."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from tests.worlds.bank_client import TERMINAL, BankClient, FixedClock, bank_vault, field_55, set_up

from zhanggui.bank import queries
from zhanggui.bank.cards import TEST_CARDS, card_named
from zhanggui.bank.ledger import decide
from zhanggui.bank.schema import open_bank_file
from zhanggui.bank.server import Bank
from zhanggui.bank.setup import load_card_keys, reset_pin_tries
from zhanggui.basics.secret import Pan
from zhanggui.edges.sqlite import DatabaseError
from zhanggui.iso8583.framing import frame
from zhanggui.iso8583.tlv import decode_tlv
from zhanggui.vault.cryptogram import verify_arpc

MAIN = TEST_CARDS[0]


@dataclass
class Timer:
    """Holds what the bank wants to do later until the test lets it go."""

    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def __call__(self, delay_s: float, action: Callable[[], None]) -> None:
        self.waiting.append((delay_s, action))


@dataclass
class World:
    """A bank that serves, and one line to it."""

    folder: Path
    bank: Bank
    client: BankClient
    timer: Timer

    def balance(self, card_id: str = "main") -> int:
        return self.bank.balance(card_named(card_id).pan)


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    keys = set_up(tmp_path)
    timer = Timer()
    bank = Bank(tmp_path, bank_vault(), FixedClock(), later=timer)
    client = BankClient(keys)
    await client.connect(await bank.start(port=0))
    world = World(tmp_path, bank, client, timer)
    yield world
    await client.close()
    await world.bank.stop()
    assert queries.differences(tmp_path) == []


@pytest.mark.parametrize("card", [card for card in TEST_CARDS if len(card.outcome) == 2], ids=lambda card: card.id)
async def test_each_card_gives_its_outcome(world: World, card: Any) -> None:
    answer = await world.client.ask(world.client.sale(card.id, 600_00))
    assert answer.response_code == card.outcome
    assert answer.issuer == "掌柜银行"
    assert answer.settlement_date == "1123"
    approved = card.outcome == "00"
    assert len(answer.auth_code) == (6 if approved else 0)
    assert world.balance(card.id) == card.balance_fen - (600_00 if approved else 0)


async def test_a_wrong_pin_three_times_locks_until_reset(world: World) -> None:
    client = world.client
    codes = [(await client.ask(client.sale(pin=pin))).response_code for pin in ("111111", "222222", "333333", "123456")]
    assert codes == ["55", "55", "75", "75"]
    reset_pin_tries(world.folder, bank_vault(), MAIN.pan)
    assert (await client.ask(client.sale())).response_code == "00"


async def test_a_block_under_another_key_is_no_wrong_try(world: World) -> None:
    client = world.client
    for _ in range(3):
        assert (await client.ask(client.sale(pin_block=bytes(8)))).response_code == "99"
    assert (await client.ask(client.sale())).response_code == "00"


async def test_the_same_request_again_gets_the_stored_answer(world: World) -> None:
    client = world.client
    sale = client.sale(amount_fen=12_34)
    first = await client.ask(sale)
    assert await client.ask(sale) == first
    assert (await client.ask(client.sale(rrn=sale.rrn, trace_no=sale.trace_no))).response_code == "94"
    assert world.balance() == 100_000_00 - 12_34
    assert [payment.amount_fen for payment in world.bank.payments()] == [12_34]


async def test_repeats_in_one_tick_post_once(world: World) -> None:
    client = world.client
    sale = client.sale(amount_fen=5_00)
    reader, writer = await asyncio.open_connection(*client.writer.get_extra_info("peername"))
    writer.write(frame(client.keys.seal(sale.message())) * 5)
    bodies = [await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big")) for _ in range(5)]
    assert len(set(bodies)) == 1
    assert world.balance() == 100_000_00 - 5_00
    writer.close()
    await writer.wait_closed()


async def test_a_reversal_gives_the_money_back_once(world: World) -> None:
    client = world.client
    sale = client.sale(amount_fen=50_00)
    await client.ask(sale)
    assert world.balance() == 100_000_00 - 50_00
    codes = [(await client.ask(client.reversal(sale))).response_code for _ in range(3)]
    assert codes == ["00"] * 3
    assert world.balance() == 100_000_00
    assert (await client.ask(sale)).response_code == "12"


async def test_a_reversal_before_its_original_refuses_it(world: World) -> None:
    client = world.client
    sale = client.sale()
    assert (await client.ask(client.reversal(sale))).response_code == "25"
    assert (await client.ask(sale)).response_code == "12"
    assert world.balance() == 100_000_00


async def test_sale_and_reversal_in_one_tick_end_as_if_nothing_had_been(world: World) -> None:
    client = world.client
    sale = client.sale(amount_fen=9_00)
    answers = await asyncio.gather(client.send(sale), client.send(client.reversal(sale)))
    assert [answer.response_code for answer in answers] == ["00", "00"]
    assert world.balance() == 100_000_00


async def test_a_wrong_mac_changes_nothing(world: World) -> None:
    client = world.client
    sale = client.sale()
    answer = await client.send_fields("0200", sale.message().fields, mac=bytes(8))
    assert answer.response_code == "A0"
    answer = await client.send_fields("0400", client.reversal(sale).message().fields, mac=bytes(8))
    assert answer.response_code == "A0"
    assert world.bank.payments() == []
    assert (await client.ask(sale)).response_code == "00"


async def test_a_slow_card_is_posted_at_once_and_answered_late(world: World) -> None:
    client = world.client
    late = client.send(client.sale("slow", 7_00))
    await client.ask(client.sale())
    assert not late.done()
    assert world.balance("slow") == card_named("slow").balance_fen - 7_00
    [(delay_s, action)] = world.timer.waiting
    assert delay_s == 8.0
    action()
    assert (await late).response_code == "00"


async def test_a_silent_card_is_neither_posted_nor_answered(world: World) -> None:
    client = world.client
    sale = client.sale("silent")
    unanswered = client.send(sale)
    await client.ask(client.sale())
    assert not unanswered.done()
    assert world.balance("silent") == card_named("silent").balance_fen
    assert (await client.ask(client.reversal(sale))).response_code == "25"


async def test_a_card_posted_without_an_answer_is_reversed_by_the_host(world: World) -> None:
    client = world.client
    sale = client.sale("silent-after-posting", 8_00)
    opening_fen = card_named("silent-after-posting").balance_fen
    unanswered = client.send(sale)
    await client.ask(client.sale())
    assert not unanswered.done()
    assert world.balance("silent-after-posting") == opening_fen - 8_00
    assert (await client.ask(client.reversal(sale))).response_code == "00"
    assert world.balance("silent-after-posting") == opening_fen


async def test_a_tap_without_pin_is_free_up_to_the_limit(world: World) -> None:
    client, key = world.client, chip_key(world, "small-payment")
    counters = itertools.count(1)

    async def tap(amount_fen: int) -> str:
        proof = field_55(key, next(counters), amount_fen)
        chip = {"track2": None, "entry_mode": "072", "card_sequence": "001", "chip_data": proof}
        sale = client.sale("small-payment", amount_fen, pin=None, **chip)
        return (await client.ask(sale)).response_code

    assert [await tap(1_000_00), await tap(1_000_01)] == ["00", "55"]


async def test_a_copied_stripe_is_refused(world: World) -> None:
    client = world.client
    forged = client.sale("stripe", track2=client.sale("lost").track2)
    assert (await client.ask(forged)).response_code == "05"


def chip_key(world: World, card_id: str) -> bytes:
    hsm = bank_vault()
    connection = open_bank_file(world.folder)
    keys = load_card_keys(connection, hsm)
    connection.close()
    return hsm.issue_card_key(keys.chip_key, Pan(card_named(card_id).pan), "001")


async def test_a_chip_and_its_bank_prove_themselves_to_each_other(world: World) -> None:
    client, key = world.client, chip_key(world, "second")
    chip = {"track2": None, "entry_mode": "051", "card_sequence": "001"}
    question = field_55(key, 1, 20_00)
    answer = await client.ask(client.sale("second", 20_00, chip_data=question, **chip))
    assert answer.response_code == "00"
    assert answer.chip_data is not None
    [(tag, proof)] = decode_tlv(answer.chip_data)
    assert (tag, proof[8:]) == (0x91, b"00")
    arqc = dict(decode_tlv(question))[0x9F26]
    assert verify_arpc(key, 1, arqc, "00", proof[:8])

    async def code(counter: int, amount_fen: int = 20_00, **changes: bytes) -> str:
        data = field_55(key, counter, amount_fen, **changes)
        return (await client.ask(client.sale("second", 20_00, chip_data=data, **chip))).response_code

    assert await code(1) == "63", "the counter did not grow"
    assert await code(2, arqc=bytes(8)) == "63"
    assert await code(2, amount_fen=10_00) == "63"
    assert await code(3) == "00"
    broken = client.sale("second", 20_00, chip_data=b"\x9f\x26\x08", **chip)
    assert (await client.ask(broken)).response_code == "30"


async def test_any_frames_leave_the_bank_serving(world: World) -> None:
    chance = random.Random(8590)
    _, port = world.client.writer.get_extra_info("peername")
    good = world.client.keys.seal(world.client.sale(amount_fen=1).message())
    for _ in range(60):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        cut = bytearray(good)
        cut[chance.randrange(len(cut))] ^= 1 << chance.randrange(8)
        writer.write(
            chance.choice([frame(chance.randbytes(chance.randrange(1, 400))), frame(bytes(cut)), chance.randbytes(64)])
        )
        writer.close()
        with contextlib.suppress(ConnectionError):
            # A length that no frame has makes the bank close the connection, perhaps before it read everything.
            await writer.wait_closed()
    assert (await world.client.ask(world.client.sale(amount_fen=2))).response_code == "00"
    assert world.balance() == 100_000_00 - 2


async def test_a_disk_that_refuses_is_answered_96_and_posts_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DatabaseError("disk I/O error")

    client = world.client
    sale = client.sale()
    with monkeypatch.context() as broken:
        broken.setattr("zhanggui.bank.store.write", refuse)
        assert (await client.ask(sale)).response_code == "96"
    assert world.balance() == 100_000_00
    assert (await client.ask(sale)).response_code == "00"


async def test_a_commit_in_doubt_is_answered_by_silence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise DatabaseError("disk I/O error")

    client = world.client
    with monkeypatch.context() as broken, capture_logs() as logs:
        broken.setattr("zhanggui.bank.store.commit", refuse)
        doubtful = client.send(client.sale())
        await client.send_fields("0200", client.sale().message().fields, mac=bytes(8))
    assert (await client.ask(client.sale("lost"))).response_code == "41"
    assert not doubtful.done()
    assert any(line["event"] == "bank_commit_failed" for line in logs)


async def test_a_defect_with_one_frame_spares_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(books: Any, request: Any, *rest: Any) -> Any:
        if request.request.amount_fen == 13_13:
            raise ZeroDivisionError
        return decide(books, request, *rest)

    monkeypatch.setattr("zhanggui.bank.server.decide", stumble)
    client = world.client
    answers = await asyncio.gather(*[client.send(client.sale(amount_fen=fen)) for fen in (1_00, 13_13, 2_00)])
    assert [answer.response_code for answer in answers] == ["00", "96", "00"]
    assert world.balance() == 100_000_00 - 3_00


async def test_each_refusal_is_logged_with_its_reason_and_a_masked_card(world: World) -> None:
    client = world.client
    with capture_logs() as logs:
        await client.ask(client.sale("lost"))
    [line] = [line for line in logs if line["event"] == "bank_refused"]
    assert (line["code"], line["reason"], line["terminal_no"]) == ("41", "card is lost", TERMINAL)
    assert line["card"] == "621700*********0806"
    assert card_named("lost").pan not in str(logs)


async def test_questions_are_answered_beside_a_running_bank(world: World) -> None:
    await world.client.ask(world.client.sale(amount_fen=3_00))
    assert queries.balance(world.folder, bank_vault(), MAIN.pan) == 100_000_00 - 3_00
    assert [payment.state for payment in queries.payments(world.folder)] == ["approved"]


async def test_a_bank_that_starts_again_holds_what_it_answered(world: World) -> None:
    sale = world.client.sale(amount_fen=21_00)
    answer = await world.client.ask(sale)
    await world.client.close()
    await world.bank.stop()
    world.bank = Bank(world.folder, bank_vault(), FixedClock())
    await world.client.connect(await world.bank.start(port=0))
    assert await world.client.ask(sale) == answer
    assert world.balance() == 100_000_00 - 21_00

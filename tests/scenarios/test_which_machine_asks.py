"""终端硬件序列号: where the dialect asks for it, a payment proves which machine it comes from, in tag A2 of field 59 or in field 57."""

import msgspec
from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.recording_wire import Seen
from tests.worlds.true_terminal import AtTheCounter, at_the_counter

from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import unwrap
from zhanggui.cup.qr.field59 import read_field_59, read_items
from zhanggui.iso8583.message import Message
from zhanggui.terminal.settings import read_settings, write_settings

NUMBER = "10000001"


async def sales(at: AtTheCounter) -> list[Message]:
    """One by card, one by code: their 0200s, as they left."""
    left: list[Message] = []

    def watch(seen: Seen, payload: bytes) -> bytes:
        if seen.mti == "0200":
            left.append(UNIONPAY.codec.decode(unwrap(UNIONPAY, payload).body))
        return payload

    at.wire.rewrite = watch
    await at.sell("500")
    at.keys("sale")
    await at.screen("amount")
    at.keys(*"700", "enter")
    await at.screen("card")
    at.terminal.show_card("main", "scan")
    await at.slips_out()
    return left


def speak(house: House, dialect: str) -> None:
    folder = house.settings.data_path
    write_settings(folder, msgspec.structs.replace(read_settings(folder, NUMBER), dialect=dialect))


async def test_in_59_it_stands_before_the_code_and_the_host_takes_both(house: House, ports: Ports) -> None:
    speak(house, "unionpay-identity-59")
    async with at_the_counter(house, ports.take(), NUMBER) as at:
        by_card, by_code = await sales(at)
    card, code = (read_field_59(str(message.fields[59])) for message in (by_card, by_code))
    assert card.identity is not None
    assert code.identity is not None
    assert card.code is None
    assert code.code is not None
    assert str(by_code.fields[59]).startswith("A2")
    assert (card.identity.factor, code.identity.factor) == ("000012", code.code.reveal()[-6:])
    assert card.identity.serial == code.identity.serial
    assert card.identity.cipher != code.identity.cipher, "a proof is good for one card or code"
    assert 57 not in by_card.fields
    assert {row["state"] for row in house.host_rows("payments")} == {"approved"}


async def test_an_older_host_has_it_in_57(house: House, ports: Ports) -> None:
    speak(house, "unionpay-identity-57")
    async with at_the_counter(house, ports.take(), NUMBER) as at:
        by_card, by_code = await sales(at)
    assert 59 not in by_card.fields
    items = read_items(str(by_card.fields[57]))
    assert (list(items), items["06"]) == (["04", "05", "06", "07", "08"], "000012")
    assert read_field_59(str(by_code.fields[59])).identity is None
    assert {row["state"] for row in house.host_rows("payments")} == {"approved"}


async def test_where_nobody_asks_for_it_nothing_is_told(house: House, ports: Ports) -> None:
    speak(house, "unionpay")
    async with at_the_counter(house, ports.take(), NUMBER) as at:
        by_card, by_code = await sales(at)
    assert not {57, 59} & by_card.fields.keys()
    assert read_field_59(str(by_code.fields[59])).identity is None

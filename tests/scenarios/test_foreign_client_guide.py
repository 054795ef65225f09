"""docs/guides/talk-to-the-host.md tells the truth: its bytes, its keys, its code, and a live host that answers the same."""

import ast
import re
import sys
from pathlib import Path

import iso8583
import pytest
from psec import des, pinblock
from tests.worlds import foreign_terminal
from tests.worlds.foreign_terminal import (
    DEMO_MASTER_KEY,
    DEMO_MERCHANT,
    DEMO_TERMINAL,
    HEAD_BYTES,
    SPEC,
    TEST_CARD,
    Fields,
    ForeignTerminal,
    Line,
    session,
)
from tests.worlds.house import House

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "talk-to-the-host.md").read_text(encoding="utf-8")
PROGRAM = Path(foreign_terminal.__file__)
FRAMES = [bytes.fromhex(digits) for digits in re.findall(r"^[→←] ([0-9A-F]+)$", GUIDE, re.M)]
STEPS = list(zip(("sign-in", "sale", "reversal"), FRAMES[0::2], FRAMES[1::2], strict=True))
FROM_CLOCK_COUNTER_OR_CHANCE = {"12", "13", "15", "37", "38", "52", "62", "64"}


def payload(frame: bytes) -> bytes:
    assert int.from_bytes(frame[:2], "big") == len(frame) - 2
    return frame[2:]


def fields_of(message: bytes) -> Fields:
    fields, _ = iso8583.decode(message[HEAD_BYTES:], SPEC)
    return dict(fields)


def signed_in() -> ForeignTerminal:
    """The terminal as it is after the guide's sign-in."""
    terminal = ForeignTerminal(DEMO_TERMINAL, DEMO_MERCHANT, DEMO_MASTER_KEY)
    assert terminal.plain(terminal.sign_in("003")) == payload(STEPS[0][1])
    terminal.take_keys(terminal.read(payload(STEPS[0][2])), "003")
    return terminal


def test_the_clients_program_knows_nothing_of_our_source() -> None:
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} - sys.stdlib_module_names == {"iso8583", "psec"}


def test_the_client_builds_every_request_of_the_page() -> None:
    terminal = signed_in()
    sale = terminal.sale(128_50)
    assert terminal.signed(sale) == payload(STEPS[1][1])
    assert terminal.read(payload(STEPS[1][2]))["39"] == "00"
    assert terminal.signed(terminal.reversal(sale)) == payload(STEPS[2][1])
    assert terminal.read(payload(STEPS[2][2]))["39"] == "00"


def test_a_live_host_answers_as_the_page_says(house: House, line: Line, stranger: ForeignTerminal) -> None:
    steps = list(session(line, stranger))
    assert [name for name, _, _ in steps] == [name for name, _, _ in STEPS]
    for (name, *live), (_, *shown) in zip(steps, STEPS, strict=True):
        for message, frame in zip(live, shown, strict=True):
            expected = payload(frame)
            assert message[:HEAD_BYTES] == expected[:HEAD_BYTES]
            now, then = fields_of(message), fields_of(expected)
            assert now.keys() == then.keys(), name
            assert {number for number in now if now[number] != then[number]} <= FROM_CLOCK_COUNTER_OR_CHANCE, name
            assert len(message) == len(expected)


def test_keys_and_check_values_of_the_page_are_right() -> None:
    terminal = signed_in()
    rows = re.findall(r"\((PIK|MAK)\) \| `([0-9A-F]+)`(?: `0{16}`)? \| `([0-9A-F]+)` \| `([0-9A-F]+)` \|", GUIDE)
    assert [name for name, *_ in rows] == ["PIK", "MAK"]
    for name, enciphered, clear, check in rows:
        key = des.decrypt_tdes_ecb(DEMO_MASTER_KEY, bytes.fromhex(enciphered))
        assert key.hex().upper() == clear == terminal.keys[name].hex().upper()
        assert des.encrypt_tdes_ecb(key, bytes(8))[:4].hex().upper() == check


def test_the_fields_of_the_sale_stand_in_the_page_as_they_are() -> None:
    sale = payload(STEPS[1][1])
    _, parts = iso8583.decode(sale[HEAD_BYTES:], SPEC)
    block = pinblock.encode_pinblock_iso_0(TEST_CARD.pin, TEST_CARD.number)
    shown = [part.hex().upper() for name in ("t", "p") for part in (parts[name]["data"],)]
    shown += [parts[str(number)]["data"].hex().upper() for number in (3, 4, 11, 22, 25, 26, 35, 52, 53, 60, 63, 64)]
    for digits in (*shown, block.hex().upper(), sale[-8:].decode()):
        assert f"`{digits}`" in GUIDE, digits


def test_the_steps_of_the_mac_are_right() -> None:
    rows = re.findall(r"^\| (?:XOR|as 16|enciphered again|the first eight).* \| `([0-9A-F]+)` \|$", GUIDE, re.M)
    folded, first, second, last, mac = rows
    sale = payload(STEPS[1][1])
    key = signed_in().keys["MAK"]
    covered = sale[HEAD_BYTES:-8].ljust(-(-len(sale[HEAD_BYTES:-8]) // 8) * 8, b"\0")
    blocks = [int.from_bytes(covered[at : at + 8], "big") for at in range(0, len(covered), 8)]
    total = 0
    for block in blocks:
        total ^= block
    assert f"{total:016X}" == folded
    assert des.encrypt_tdes_ecb(key, folded[:8].encode()).hex().upper() == first
    assert f"{int(first, 16) ^ int.from_bytes(folded[8:].encode(), 'big'):016X}" == second
    assert des.encrypt_tdes_ecb(key, bytes.fromhex(second)).hex().upper() == last
    assert mac == last[:8] == sale[-8:].decode()


@pytest.mark.parametrize(
    "block", re.findall(r"```python\n(.+?)```", GUIDE, re.S), ids=lambda block: block.split("(")[0]
)
def test_code_of_the_page_stands_in_the_program(block: str) -> None:
    assert block in PROGRAM.read_text(encoding="utf-8")


def test_the_program_prints_a_session(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    foreign_terminal.main("127.0.0.1", house.host_port)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("→ ", "← "))]
    assert [line[0] for line in lines] == ["→", "←"] * 3
    assert [fields_of(payload(bytes.fromhex(line[2:])))["t"] for line in lines] == [
        "0800", "0810", "0200", "0210", "0400", "0410",
    ]  # fmt: skip

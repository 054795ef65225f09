"""A page that others reach: encrypted, and open for devices alone that once typed the code on the console."""

import asyncio
import json
import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import UnixMs
from zhanggui.programs.settings import Settings, TerminalSection
from zhanggui.programs.terminals import Door, page_certificate, start_page
from zhanggui.terminal.page.pairing import (
    CLOSED_S,
    CODE_DIGITS,
    DEVICES_MAX,
    GRACE_S,
    LONG_CODE_DIGITS,
    WRONG_MAX,
    WRONG_OF_ALL_MAX,
    WRONG_OF_SITE_MAX,
    Pairing,
)
from zhanggui.terminal.page.server import COOKIE, serve_page
from zhanggui.vault.certificate import DAYS_VALID, fingerprint, is_good, make_certificate
from zhanggui.web.serving import Tls, is_loopback

from ...worlds.fake_terminal import FakeTerminal
from ...worlds.shell_makes import MORNING, StillClock
from .wire import Answer, fetch, open_socket

OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Console:
    """Where codes are shown, and the door they open."""

    def __init__(self, folder: Path) -> None:
        self.clock = StillClock()
        self.folder = folder
        self.codes: list[str] = []
        self.chance = SeededChance(7)
        self.door = self.opened()

    def opened(self) -> Pairing:
        return Pairing(self.folder / "devices.json", self.clock, self.chance, self.codes.append)

    @property
    def wrong(self) -> str:
        digits = len(self.codes[-1])
        return f"{(int(self.codes[-1]) + 1) % 10**digits:0{digits}d}"


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path)


def test_a_code_is_good_for_one_device(console: Console) -> None:
    code = console.codes[-1]
    assert len(code) == CODE_DIGITS
    token = console.door.pair(code)
    assert console.door.knows(token)
    assert console.codes[-1] != code, "another one is drawn at once"
    assert console.door.pair(code) == "wrong"


def test_a_device_is_known_after_a_restart_and_its_secret_stands_nowhere(console: Console) -> None:
    token = console.door.pair(console.codes[-1])
    kept = console.folder / "devices.json"
    assert token not in kept.read_text()
    assert not kept.stat().st_mode & OTHERS
    assert console.opened().knows(token)
    assert not console.opened().knows("")
    assert not console.opened().knows("0" * 64)


STRANGER, OWNER = "203.0.113.9", "192.0.2.7"


def test_a_few_wrong_tries_close_the_door_to_their_address_for_a_minute(console: Console) -> None:
    for _ in range(WRONG_MAX):
        assert console.door.pair(console.wrong, STRANGER) == "wrong"
    assert console.door.pair(console.codes[-1], STRANGER) == "wait", "the right one has to wait too"
    console.clock.pass_s(CLOSED_S)
    assert console.door.knows(console.door.pair(console.codes[-1], STRANGER))


def test_whoever_has_the_console_gets_in_whatever_others_try(console: Console) -> None:
    shown = console.codes[-1]
    for last in range(100):
        console.door.pair(console.wrong, f"203.0.113.{last}")
        console.door.pair(console.wrong, STRANGER)
    assert console.codes[-1] == shown, "the code that he reads is still the code"
    assert console.door.knows(console.door.pair(shown, OWNER))


def test_many_wrong_tries_from_all_together_draw_another_code_and_the_one_before_stays_good_for_a_while(
    console: Console,
) -> None:
    shown = console.codes[-1]
    for number in range(WRONG_OF_ALL_MAX):
        console.door.pair(console.wrong, f"10.0.{number // 250}.{number % 250}")
    assert len(console.codes) == 2
    assert console.door.knows(console.door.pair(shown, OWNER))
    assert console.door.pair(shown, OWNER) == "wrong", "once"


def test_a_code_that_is_worn_out_ends(console: Console) -> None:
    shown = console.codes[-1]
    for number in range(WRONG_OF_ALL_MAX):
        console.door.pair(console.wrong, f"10.0.{number // 250}.{number % 250}")
    console.clock.pass_s(GRACE_S)
    assert console.door.pair(shown, OWNER) == "wrong"
    assert console.door.knows(console.door.pair(console.codes[-1], OWNER))


def test_who_has_a_network_of_addresses_is_counted_as_one(console: Console) -> None:
    for number in range(WRONG_MAX):
        console.door.pair(console.wrong, f"2001:db8:1:2::{number + 1:x}")
    assert console.door.pair(console.codes[-1], "2001:db8:1:2:ffff::1") == "wait"
    assert console.door.knows(console.door.pair(console.codes[-1], "2001:db8:1:3::1"))


def test_who_has_a_site_of_networks_is_counted_as_one_too(console: Console) -> None:
    for number in range(WRONG_OF_SITE_MAX):
        assert console.door.pair(console.wrong, f"2001:db8:1:{number + 1:x}::1") == "wrong"
    assert console.door.pair(console.codes[-1], "2001:db8:1:ffff::1") == "wait"
    assert console.door.knows(console.door.pair(console.codes[-1], "2001:db8:2:1::1"))


def test_a_code_is_not_drawn_again_while_the_one_before_is_good_whatever_networks_others_have(console: Console) -> None:
    shown = console.codes[-1]
    for number in range(4 * WRONG_OF_ALL_MAX):
        assert console.door.pair(console.wrong, f"2001:{number:x}::1") == "wrong"
    assert len(console.codes) == 2
    assert [len(code) for code in console.codes] == [CODE_DIGITS, LONG_CODE_DIGITS], "and it is too long to be guessed"
    read_just_now = console.codes[-1]
    console.clock.pass_s(GRACE_S)
    console.door.pair(console.wrong, "2001:ffff::1")
    assert len(console.codes) == 3
    assert console.door.pair(shown, OWNER) == "wrong"
    assert console.door.knows(console.door.pair(read_just_now, OWNER))
    assert len(console.codes[-1]) == CODE_DIGITS, "a short one again after a device was paired"


@pytest.mark.parametrize("typed", ["", "１２３４５６７８", "x" * 32, "00000000\n"])
def test_what_is_no_code_is_wrong(console: Console, typed: str) -> None:
    assert console.door.pair(typed) == "wrong"


def test_devices_have_a_bound_and_the_oldest_goes(console: Console) -> None:
    tokens = [console.door.pair(console.codes[-1]) for _ in range(DEVICES_MAX + 1)]
    assert not console.door.knows(tokens[0])
    assert console.door.knows(tokens[1])
    assert console.door.knows(tokens[-1])


def test_a_damaged_file_of_devices_lets_nobody_in(console: Console) -> None:
    token = console.door.pair(console.codes[-1])
    (console.folder / "devices.json").write_text("{")
    assert not console.opened().knows(token)


# ── the page ─────────────────────────────────────────────────────────────────


@asynccontextmanager
async def served(door: Pairing | None, tls: Tls | None = None) -> AsyncIterator[str]:
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    terminals = {number: FakeTerminal(number) for number in ("10000001", "10000002")}
    running = asyncio.create_task(
        serve_page(terminals, "127.0.0.1", 0, ready=address.set_result, pairing=door, tls=tls)
    )
    try:
        yield await address
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def post(host: str, code: object, origin: str = "") -> Answer:
    name, _, port = host.rpartition(":")
    body = code if isinstance(code, bytes) else json.dumps({"code": code}).encode()
    reader, writer = await asyncio.open_connection(name, int(port))
    head = (
        f"POST /pair HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin or f'http://{host}'}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answered, _, text = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    status, *fields = answered.decode().split("\r\n")
    return Answer(
        int(status.split()[1]),
        {key.lower(): value for key, value in (field.split(": ", 1) for field in fields)},
        text.decode(),
    )


@pytest.mark.parametrize("path", ["/", "/t/10000001", "/t/10000001/slips/000012-merchant", "/t/99999999"])
async def test_whoever_was_not_paired_sees_the_door_and_no_terminal(console: Console, path: str) -> None:
    async with served(console.door) as address:
        answer = await fetch(address.removeprefix("http://").rstrip("/"), path)
    assert answer.status == 401
    assert 'id="pair"' in answer.body
    assert "10000001" not in answer.body
    assert console.codes[-1] not in answer.body


async def test_whoever_was_not_paired_gets_no_screen_and_presses_no_key(console: Console) -> None:
    async with served(console.door) as address:
        host = address.removeprefix("http://").rstrip("/")
        with pytest.raises(InvalidStatus):
            async with open_socket(host):
                pass
        assert (await fetch(host, "/static/pair.js")).status == 200


async def test_the_code_lets_one_device_in(console: Console) -> None:
    async with served(console.door) as address:
        host = address.removeprefix("http://").rstrip("/")
        assert (await post(host, console.wrong)).status == 403
        assert (await post(host, 12345678)).status == 400
        assert (await post(host, "1" * 33)).status == 400
        assert (await post(host, b'{"code":"\xff"}')).status == 400, (
            "bytes that are no text are a wrong message, not a broken page"
        )
        assert (await post(host, b'{"x":' + b"[" * 3_000)).status == 400, "nested deeper than Python goes"
        assert (await post(host, console.codes[-1], origin="http://evil.example")).status == 403
        paired = await post(host, console.codes[-1])
        assert paired.status == 204
        cookie = paired.headers["set-cookie"]
        for word in ("HttpOnly", "Secure", "SameSite=strict"):
            assert word.lower() in cookie.lower()
        assert cookie.startswith("__Host-")
        ours = {"Cookie": cookie.partition(";")[0]}
        assert (await fetch(host, "/t/10000001", ours)).status == 200
        async with connect(
            f"ws://{host}/t/10000001/live",
            origin=Origin(f"http://{host}"),
            additional_headers=ours,
            proxy=None,
        ) as socket:
            assert await socket.recv()
        assert (await fetch(host, "/", {"Cookie": f"{COOKIE}=00"})).status == 401


async def test_too_many_wrong_codes_are_told_to_wait(console: Console) -> None:
    async with served(console.door) as address:
        host = address.removeprefix("http://").rstrip("/")
        for _ in range(WRONG_MAX):
            await post(host, console.wrong)
        assert (await post(host, console.codes[-1])).status == 429


async def test_on_this_machine_alone_nothing_is_asked() -> None:
    async with served(None) as address:
        host = address.removeprefix("http://").rstrip("/")
        assert (await fetch(host, "/t/10000001")).status == 200
        assert (await post(host, "12345678")).status == 404


# ── TLS ──────────────────────────────────────────────────────────────────────


async def test_the_page_is_served_with_a_certificate_of_its_own(console: Console, tmp_path: Path) -> None:
    certificate, key = make_certificate(["127.0.0.1", "localhost"], SystemClock().now())
    tls = Tls(tmp_path / "c.pem", tmp_path / "k.pem")
    tls.certificate.write_bytes(certificate)
    tls.key.write_bytes(key)
    trusting = ssl.create_default_context(cafile=str(tls.certificate))
    async with served(console.door, tls) as address:
        assert address.startswith("https://127.0.0.1:")
        port = int(address.rstrip("/").rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 401")
        writer.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize(
    ("version", "is_served"),
    [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)],
)
async def test_the_page_speaks_no_tls_before_1_2_and_asks_browsers_to_come_back_encrypted(
    console: Console, tmp_path: Path, version: ssl.TLSVersion, is_served: bool
) -> None:
    certificate, key = make_certificate(["127.0.0.1", "localhost"], SystemClock().now())
    tls = Tls(tmp_path / "c.pem", tmp_path / "k.pem")
    tls.certificate.write_bytes(certificate)
    tls.key.write_bytes(key)
    client = ssl.create_default_context(cafile=str(tls.certificate))
    client.set_ciphers("DEFAULT:@SECLEVEL=0")
    client.minimum_version = client.maximum_version = version
    async with served(console.door, tls) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        if not is_served:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await asyncio.open_connection("127.0.0.1", port, ssl=client)
            return
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        head = (await reader.read()).partition(b"\r\n\r\n")[0].decode().lower()
        writer.close()
    (kept,) = (line for line in head.split("\r\n") if line.startswith("strict-transport-security"))
    assert int(kept.rpartition("max-age=")[2]) >= 365 * 24 * 3600


async def test_a_certificate_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_text("nothing")
    with pytest.raises(Misuse, match="certificate"):
        await serve_page({}, "127.0.0.1", 0, tls=Tls(tmp_path / "c.pem", tmp_path / "c.pem"))


def test_a_certificate_has_its_time_and_its_fingerprint() -> None:
    certificate, _ = make_certificate(["127.0.0.1", "till.example"], MORNING)
    assert is_good(certificate, MORNING)
    assert not is_good(certificate, UnixMs(MORNING + DAYS_VALID * 86_400_000))
    assert not is_good(b"nothing", MORNING)
    assert len(fingerprint(certificate).split(":")) == 32


def test_a_certificate_is_made_once_kept_closed_and_made_anew_when_its_time_is_over(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), terminal=TerminalSection(listen="0.0.0.0"))
    clock = StillClock()
    tls, first = page_certificate(settings, clock)
    assert page_certificate(settings, clock)[1] == first
    assert not tls.key.stat().st_mode & OTHERS
    clock.pass_s(DAYS_VALID * 86_400)
    assert page_certificate(settings, clock)[1] != first


def test_a_certificate_of_the_users_own_is_taken_and_a_wrong_one_named(tmp_path: Path) -> None:
    certificate, key = make_certificate(["till.example"], MORNING)
    (tmp_path / "mine.pem").write_bytes(certificate + key)
    section = TerminalSection(listen="0.0.0.0", certificate=str(tmp_path / "mine.pem"))
    tls, print_ = page_certificate(Settings(data=str(tmp_path), terminal=section), StillClock())
    assert (tls.certificate, tls.key, print_) == (
        tmp_path / "mine.pem",
        tmp_path / "mine.pem",
        fingerprint(certificate),
    )
    missing = TerminalSection(listen="0.0.0.0", certificate=str(tmp_path / "none.pem"))
    with pytest.raises(Misuse, match=r"none\.pem"):
        page_certificate(Settings(data=str(tmp_path), terminal=missing), StillClock())


@pytest.mark.parametrize(
    ("listen", "scheme", "doors"), [("127.0.0.1", "http", 0), ("localhost", "http", 0), ("0.0.0.0", "https", 1)]
)
async def test_only_a_page_beyond_this_machine_has_a_door(tmp_path: Path, listen: str, scheme: str, doors: int) -> None:
    shown: list[Door] = []
    settings = Settings(data=str(tmp_path), terminal=TerminalSection(listen=listen, port=0))
    async with AsyncExitStack() as stack:
        address = await start_page(settings, {}, SystemClock(), SeededChance(1), stack, shown.append)
        assert address.startswith(f"{scheme}://")
    assert len(shown) == doors


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        *((ours, True) for ours in ("127.0.0.1", "127.8.8.8", "::1", "localhost")),
        *((other, False) for other in ("0.0.0.0", "::", "192.0.2.7", "till.example", "", "localhost.example")),
    ],
)
def test_what_only_this_machine_reaches(host: str, ours: bool) -> None:
    assert is_loopback(host) is ours

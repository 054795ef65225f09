"""The page for phones as a program's part: not there until the settings name an address, and never in the clear beyond this machine."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlsplit

import pytest

from zhanggui.acquirer.rows.decision import PhoneReply
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Misuse
from zhanggui.cup.messages.operator_outcomes import RefusedOperator
from zhanggui.cup.values.phone import PhoneCode
from zhanggui.host.server import Host
from zhanggui.programs.phones import start_phone_page
from zhanggui.programs.settings import PhoneSection, Settings

PATH = "/P/102100058120001/10000001/AAAAAAAAAAAAAAAAAAAAA"


class Desk:
    """A host for which every code is over."""

    async def look(self, code: PhoneCode, phone: str) -> PhoneReply:
        return PhoneReply("P9", RefusedOperator(reason="phone_code_over"))


async def started(folder: Path, section: PhoneSection, stack: AsyncExitStack) -> tuple[str, str]:
    """Where the page says that it is, and what the host was told."""
    host = SimpleNamespace(phones=Desk(), slip_pages=Desk(), phones_found_at="")
    settings = Settings(data=str(folder), phone=section)
    address = await start_phone_page(settings, cast(Host, host), SystemClock(), SeededChance(1), stack)
    return address, host.phones_found_at


def asked(address: str) -> tuple[int, str, str]:
    """Status, cookie and page, by whoever trusts any certificate."""
    where = urlsplit(address)
    line = HTTPSConnection("127.0.0.1", where.port, timeout=10, context=ssl._create_unverified_context())
    try:
        line.request("GET", PATH, headers={"Host": where.netloc})
        response = line.getresponse()
        return response.status, response.getheader("Set-Cookie") or "", response.read().decode()
    finally:
        line.close()


def asked_in_the_clear(address: str) -> None:
    """The same over http."""
    line = HTTPConnection("127.0.0.1", urlsplit(address).port, timeout=10)
    try:
        line.request("GET", PATH)
        line.getresponse()
    finally:
        line.close()


async def test_without_an_address_there_is_no_page(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        assert await started(tmp_path, PhoneSection(), stack) == ("", "")


async def test_on_loopback_it_is_plain(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        address, told = await started(tmp_path, PhoneSection(listen="127.0.0.1", port=0), stack)
        assert address == told
        assert address.startswith("http://127.0.0.1:")


async def test_beyond_this_machine_it_is_encrypted_and_found_by_its_name(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        section = PhoneSection(listen="0.0.0.0", port=0, name="pos.example.com")
        address, told = await started(tmp_path, section, stack)
        assert address == told
        assert address.startswith("https://pos.example.com:")
        status, cookie, page = await asyncio.to_thread(asked, address)
        assert (status, "此码已失效" in page) == (410, True)
        assert {"HttpOnly", "Secure", "SameSite=strict"} <= set(cookie.split("; "))
        assert cookie.startswith("__Secure-")
        with pytest.raises((OSError, HTTPException)):
            await asyncio.to_thread(asked_in_the_clear, address)
        assert (tmp_path / "phone" / "key.pem").stat().st_mode & 0o077 == 0


async def test_on_every_address_somebody_must_say_how_phones_find_it(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        with pytest.raises(Misuse, match=r"phone\.name"):
            await started(tmp_path, PhoneSection(listen="0.0.0.0", port=0), stack)


async def test_a_certificate_that_is_not_there_is_said(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        section = PhoneSection(listen="0.0.0.0", port=0, name="pos.example.com", certificate="/nowhere.pem")
        with pytest.raises(Misuse, match="certificate"):
            await started(tmp_path, section, stack)


async def test_a_name_beyond_this_machine_is_not_told_for_a_page_in_the_clear(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        with pytest.raises(Misuse, match="in the clear"):
            await started(tmp_path, PhoneSection(listen="127.0.0.1", port=0, name="pos.example.com"), stack)
        address, _ = await started(tmp_path, PhoneSection(listen="127.0.0.1", port=0, name="localhost"), stack)
        assert address.startswith("http://localhost:")

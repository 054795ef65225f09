"""A host with its bank for tests of the sign-in, on a thread of its own, with a clock that tests set; and shops on it.

Each test takes a shop of its own (another merchant), so that one host serves all tests and none sees another's rows.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import psycopg
from pysqlite3 import dbapi2
from tests.worlds.our_terminal import Counter

from zhanggui.acquirer.rows.records import (
    Badge,
    Merchant,
    Operator,
    Record,
    Session,
    SignIn,
    Terminal,
    UserName,
    key_of,
)
from zhanggui.acquirer.rows.state import Change, Insert, Needs, Update
from zhanggui.bank import setup as bank_setup
from zhanggui.bank.server import Bank
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs
from zhanggui.basics.secret import Secret
from zhanggui.host.keys import create_host_keys
from zhanggui.programs.data_folder import Places, make_host_vault
from zhanggui.programs.host import HostProgram
from zhanggui.programs.phones import start_phone_page
from zhanggui.programs.settings import BankSection, HostSection, PhoneSection, Settings, WalletsSection
from zhanggui.programs.wallets import start_wallets
from zhanggui.store.open import open_store
from zhanggui.store.rows import SHAPES
from zhanggui.store.tables import TABLE_OF
from zhanggui.store.targets import SqliteTarget, parse_target
from zhanggui.vault import sealed
from zhanggui.vault.badge import badge_number, draw_badge
from zhanggui.vault.hsm import SALT_BYTES
from zhanggui.vault.keys import TerminalMasterKeyBlock
from zhanggui.vault.pinblock import PasswordAccount
from zhanggui.vault.software import SoftwareHsm

START_WITHIN_S = 20.0
DEFAULT_WALLETS_PORT = WalletsSection().port
PASSPHRASE = "a passphrase for tests"
NOON = UnixMs(1_795_406_400_000)
"""2026-11-23 12:00:00 in China."""
OPERATORS = (
    ("01", "王芳", "cashier", "8302"),
    ("02", "李强", "cashier", "7415"),
    ("00", "陈店长", "supervisor", "492817"),
    ("99", "系统管理员", "administrator", "30596174"),
)
PASSWORDS = {number: password for number, _, _, password in OPERATORS}
R = TypeVar("R", bound=Record)
T = TypeVar("T")


class TestClock:
    """Stands still until a test moves it. Time-outs run on true seconds, and on those that a test lets pass."""

    __test__ = False

    def __init__(self) -> None:
        self.at = NOON
        self.passed_s = 0.0
        """What tests let pass."""

    def now(self) -> UnixMs:
        return self.at

    def elapsed_s(self) -> float:
        return SystemClock().elapsed_s() + self.passed_s

    def advance(self, *, s: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let time pass. With negative numbers: put the wall clock back, which nothing that measures time sees."""
        seconds = s + minutes * 60 + hours * 3600 + days * 86_400
        self.jump(s=seconds)
        self.passed_s += max(0.0, seconds)

    def jump(self, *, s: float) -> None:
        """Put the wall clock on or back; no time passes."""
        self.at = UnixMs(self.at + round(s * 1000))


def make_data(folder: Path) -> None:
    """Keys of host and bank in an empty folder. The passphrase is made easy to stretch: it is opened in each test run."""
    chance, before = SystemChance(), sealed.SCRYPT_N
    sealed.SCRYPT_N = 1 << 10
    try:
        places, secret = Places(folder), Secret(PASSPHRASE)
        keys = create_host_keys(make_host_vault(places, secret, chance), places.host_keys)
        bank = bank_setup.open_vault(folder, secret, chance)
        bank_setup.create_bank(folder, bank)
        transport = chance.take(32)
        pin_key = keys.hsm.export_block(keys.zone_pin_key, transport)
        mac_key = keys.hsm.export_block(keys.zone_mac_key, transport)
        bank_setup.accept_zone_keys(folder, bank, pin_key, mac_key, transport)
    finally:
        sealed.SCRYPT_N = before
    places.complete.write_text("test data\n", encoding="utf-8")


class Floor:
    """Host and bank over a data folder. `store` is the address of a database elsewhere; empty for the folder's own."""

    def __init__(
        self, folder: Path, clock: TestClock, *, store: str = "", with_bank: bool = True, wallets_port: int = 0
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.port = 0
        self._settings = Settings(
            data=str(folder),
            passphrase=PASSPHRASE,
            host=HostSection(port=0, store=store),
            bank=BankSection(port=0),
            wallets=WalletsSection(port=wallets_port or DEFAULT_WALLETS_PORT, slow_answer_s=0.05, silent_s=0.05),
        )
        self._wallets_port = wallets_port
        self._wallets = AsyncExitStack()
        self._with_bank = with_bank
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._stack: AsyncExitStack
        self._thread = threading.Thread(target=self._run, name="floor", daemon=True)
        self.hsm = SoftwareHsm(SystemChance().take(32), SystemChance())
        self.program: HostProgram
        self._shops = count(1)

    def start(self) -> "Floor":
        """Start; returns when the host listens and its line to the bank is up."""
        self._thread.start()
        assert self._ready.wait(START_WITHIN_S), "host and bank did not start"
        if self._error is not None:
            raise self._error
        return self

    def stop(self) -> None:
        """Stop both."""
        if self._loop is not None and self._stopping is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(START_WITHIN_S)
        assert not self._thread.is_alive(), "host and bank did not stop"
        if self._error is not None:
            raise self._error

    def again(self) -> "Floor":
        """Stop, and start anew over the same data: a restart of the host."""
        self.stop()
        return Floor(
            self.folder,
            self.clock,
            store=self._settings.host.store,
            with_bank=self._with_bank,
            wallets_port=self._wallets_port,
        ).start()

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something on the host's loop."""
        assert self._loop is not None

        async def do() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(do(), self._loop).result(START_WITHIN_S)

    def start_wallets(self) -> None:
        """Serve the simulated wallets by this floor's clock."""

        async def serve() -> None:
            await start_wallets(self._settings, self.clock, SystemChance(), self._wallets)

        self.run(serve)

    def stop_wallets(self) -> None:
        """End the wallets: whoever asks them hears nothing."""
        self.run(self._wallets.aclose)

    def serve_phones(self) -> None:
        """Serve the page for phones, on a port of its own, until the floor stops; once is enough."""
        if self.program.host.phones_found_at:
            return

        async def serve() -> None:
            settings = msgspec.structs.replace(self._settings, phone=PhoneSection(listen="127.0.0.1", port=0))
            await start_phone_page(settings, self.program.host, self.clock, SystemChance(), self._stack)

        self.run(serve)

    def save(self, changes: Sequence[Change]) -> None:
        """Write rows through a unit of the store, as a management message would."""

        async def write() -> None:
            async with self.program.store.unit() as unit:
                await unit.load(Needs())
                await unit.save(changes)

        self.run(write)

    def state(self, needs: Needs) -> Any:
        """Rows as the store has them now."""

        async def read() -> Any:
            async with self.program.store.unit() as unit:
                return await unit.load(needs)

        return self.run(read)

    def shop(self, *, terminals: int = 2, policy: str = "basic", **overrides: object) -> "Shop":
        """A new merchant with its operators and this many terminals."""
        return Shop(self, MerchantNo(f"1021000581{next(self._shops):05d}"), terminals, policy, overrides)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        async with AsyncExitStack() as stack:
            settings, self._stack = self._settings, stack
            await stack.enter_async_context(self._wallets)
            if self._wallets_port:
                await start_wallets(settings, self.clock, SystemChance(), self._wallets)
            if self._with_bank:
                vault = bank_setup.open_vault(self.folder, Secret(PASSPHRASE), SystemChance())
                bank = Bank(self.folder, vault, SystemClock())
                stack.push_async_callback(bank.stop)
                section = msgspec.structs.replace(settings.bank, port=await bank.start(port=0))
                settings = msgspec.structs.replace(settings, bank=section)
            if not settings.host.store and not Places(self.folder).host_database.exists():
                # A data folder has its database from the beginning; a host that finds none refuses to start.
                await open_store(str(Places(self.folder).host_database)).close()
            self.program = HostProgram(settings, self.clock, SystemChance())
            stack.push_async_callback(self.program.stop)
            self.port = await self.program.start()
            if self._with_bank:
                await asyncio.wait_for(self.program.host.bank.link.up.wait(), START_WITHIN_S)
            self._ready.set()
            await self._stopping.wait()


class Shop:
    """A merchant of one test."""

    def __init__(
        self, floor: Floor, merchant_no: MerchantNo, terminals: int, policy: str, overrides: dict[str, object]
    ) -> None:
        self.floor = floor
        self.clock = floor.clock
        self.merchant_no = merchant_no
        self.terminals: list[Counter] = []
        keys = floor.program.keys
        transport = SystemChance().take(32)
        master = keys.hsm.new_terminal_master_key()
        self._host_master = master.text
        self._master = floor.hsm.import_block(
            keys.hsm.export_block(master, transport), transport, TerminalMasterKeyBlock
        )
        now = floor.clock.now()
        merchant = Merchant(
            merchant_no=merchant_no,
            name="掌柜示范店",
            policy=policy,
            policy_overrides=msgspec.json.encode(overrides).decode() if overrides else "",
            created_ms=now,
        )
        floor.save([Insert(merchant)])
        for index in range(terminals):
            self.add_terminal(f"{10000001 + index}", ("前台", "二号收银台", "门口")[index % 3])
        for number, name, role, password in OPERATORS:
            self.add_operator(number, name, role, password)

    def add_terminal(self, number: str, place: str) -> Counter:
        """One more terminal of ours."""
        row = Terminal(
            merchant_no=self.merchant_no,
            terminal_no=TerminalNo(number),
            model="smart",
            place=place,
            dialect="unionpay",
            operator_check="host",
            master_key=self._host_master,
            created_ms=self.clock.now(),
        )
        self.floor.save([Insert(row)])
        terminal = Counter(self.floor.hsm, self._master, self.merchant_no, row.terminal_no, self.floor.port)
        terminal.clock = self.clock.now
        self.terminals.append(terminal)
        return terminal

    def add_operator(self, number: str, name: str, role: str, password: str, **fields: Any) -> None:
        """One more operator."""
        keys, salt = self.floor.program.keys, SystemChance().take(SALT_BYTES)
        account = PasswordAccount(self.merchant_no, OperatorNo(number))
        row = Operator(
            merchant_no=self.merchant_no,
            operator_no=OperatorNo(number),
            name=name,
            role=role,  # type: ignore[arg-type]  # a known role
            salt=salt,
            verifier=keys.hsm.make_verifier(keys.verifier_key, salt, account, Secret(password)),
            password_set_ms=self.clock.now(),
            **fields,
        )
        self.floor.save([Insert(row)])
        if row.user_name:
            self.name_operator(number, row.user_name)

    def name_operator(self, number: str, user_name: str) -> None:
        """Give an operator a user name."""
        self.change_operator(number, user_name=user_name)
        row = UserName(merchant_no=self.merchant_no, user_name=user_name, operator_no=OperatorNo(number))
        self.floor.save([Insert(row)])

    def give_badge(self, number: str) -> Secret:
        """Give an operator a badge; an earlier one counts no more."""
        badge = draw_badge(SystemChance())
        row = Badge(
            merchant_no=self.merchant_no,
            badge_no=badge_number(badge),
            operator_no=OperatorNo(number),
            mark=self.floor.program.keys.badge_mark(self.merchant_no, badge),
            issued_ms=self.clock.now(),
            issued_by="console",
        )
        self.floor.save([Insert(row)])
        self.change_operator(number, badge_no=row.badge_no)
        return badge

    def operator(self, number: str) -> Operator:
        """An operator's row."""
        row = self.floor.state(Needs({Operator: [(self.merchant_no, OperatorNo(number))]}))
        found = row.get(Operator, self.merchant_no, OperatorNo(number))
        assert isinstance(found, Operator)
        return found

    def change_operator(self, number: str, **fields: Any) -> None:
        """Change an operator's row."""
        self.floor.save([Update(msgspec.structs.replace(self.operator(number), **fields))])

    def change_terminal(self, number: TerminalNo, **fields: Any) -> None:
        """Change a terminal's row."""
        key = self.merchant_no, number
        row = self.floor.state(Needs({Terminal: [key]})).get(Terminal, *key)
        self.floor.save([Update(msgspec.structs.replace(row, **fields))])

    def change_merchant(self, **fields: Any) -> None:
        """Change the merchant's row."""
        found = self.floor.state(Needs({Terminal: [(self.merchant_no, self.terminals[0].terminal_no)]}))
        self.floor.save([Update(msgspec.structs.replace(found.get(Merchant, self.merchant_no), **fields))])

    def rows(self, kind: type[R]) -> list[R]:
        """All rows of a kind that this shop has, in the order of their keys."""
        return sorted(rows_of(self.store, kind, self.merchant_no), key=key_of)

    @property
    def records(self) -> list[SignIn]:
        """All sign-in records of this shop, oldest first."""
        return self.rows(SignIn)

    @property
    def sessions(self) -> list[Session]:
        """All sessions of this shop, oldest first."""
        return self.rows(Session)

    @property
    def live(self) -> list[Session]:
        """Its sessions that live."""
        return [session for session in self.sessions if session.ended_ms is None]

    @property
    def store(self) -> str:
        """Where the rows are."""
        return self.floor._settings.host.store or str(Places(self.floor.folder).host_database)

    def hang_up(self) -> None:
        """Close all lines."""
        for terminal in self.terminals:
            terminal.hang_up()


def rows_of(store: str, kind: type[Any], merchant_no: str) -> list[Any]:
    """A merchant's rows of one kind, read beside the host that writes them."""
    statement = f'SELECT * FROM "{TABLE_OF[kind].name}" WHERE merchant_no = '
    where = parse_target(store)
    if isinstance(where, SqliteTarget):
        connection = dbapi2.connect(str(where.path))
        try:
            found = connection.execute(statement + "?", (merchant_no,)).fetchall()
        finally:
            connection.close()
    else:
        with psycopg.connect(where.address) as line:
            found = line.execute(statement + "%s", (merchant_no,)).fetchall()
    return [SHAPES[kind].read(row) for row in found]

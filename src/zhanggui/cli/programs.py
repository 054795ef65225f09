"""`up`, `host`, `bank`, `wallets`, `terminal`, `demo-data`: the programs that run until they are ended."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import AsyncExitStack

from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..basics.roles import ROLE_WORDS
from ..basics.words import Lang
from ..edges.logs import configure_logs
from ..edges.sqlite_backup import Migrating, Told
from ..programs.bank import start_bank
from ..programs.data_folder import Places, check_folder
from ..programs.demo import OPERATORS, make_demo
from ..programs.demo_people import demo_people, has_demo_people
from ..programs.host import start_host
from ..programs.run import run_until_stopped
from ..programs.settings import Settings
from ..programs.terminals import Door, start_page, start_terminals
from ..programs.wallets import start_wallets
from .words import WORDS, complain, tell

LOG_FILE = "zhanggui.log"
DAYS_TOLD = 10
"""How often it is said how far the past of demo data is, in days of it."""
GARBAGE_AFTER = (20_000, 20, 20)
"""When Python looks for rings of garbage in a host: rows and messages make none, so looking seldom saves a tenth of its time."""


def told_in(lang: Lang) -> Told:
    """Says once a file that old data are brought to this version; on standard error, where nobody waits for "ready"."""
    said: set[str] = set()

    def told(step: Migrating) -> None:
        if step.file not in said:
            said.add(step.file)
            words = WORDS["migrating"]
            complain(words.fill(lang, file=step.file, newest=step.newest, backup=step.backup or "-"))

    return told


def door_told_in(lang: Lang) -> Callable[[Door], None]:
    """Says that the page is open beyond this machine, and for whom."""
    return lambda door: tell(lang, "page_door", code=door.code, fingerprint=door.fingerprint)


async def make_data(settings: Settings) -> None:
    """Make demo data, with their past unless the settings leave it out, and say how far it is.

    The past is lived over SQLite alone: a database on a line would take minutes for it.
    """

    def say(step: str) -> None:
        tell(settings.lang, "step", step=step)

    def told(done: int, whole: int) -> None:
        if done % DAYS_TOLD == 0 or done == whole:
            tell(settings.lang, "living", done=str(done), whole=str(whole))

    clock, chance = SystemClock(), SystemChance()
    if not settings.demo_history or settings.host.store:
        await make_demo(settings, clock, chance, say)
        return
    # Nobody else needs it, and it takes the wallets' rules along.
    from ..simulator.past.making import live, plan_past

    plan = plan_past(clock)
    past_clock = plan.clock
    await make_demo(settings, past_clock, chance, say, lambda begun: live(plan, begun, past_clock, chance, told))


def up(settings: Settings, *, accept_older: bool = False, first_lang: Lang | None = None) -> None:
    """Start bank, wallets, host and terminals on one machine; make demo data first if the folder holds none."""
    places = Places(settings.data_path)
    fresh = not places.host_local_key.exists()
    office: list[str] = []

    async def start(stack: AsyncExitStack) -> None:
        if fresh:
            tell(settings.lang, "making_demo", folder=str(settings.data_path))
            await make_data(settings)
        bank_port = await start_bank(settings, SystemClock(), SystemChance(), stack)
        wallets_page = await start_wallets(settings, SystemClock(), SystemChance(), stack)
        host_port = await start_host(
            settings,
            SystemClock(),
            SystemChance(),
            stack,
            told_in(settings.lang),
            accept_older=accept_older,
            page_told=lambda page: tell(settings.lang, "phone_page", page=page),
            office_told=office.append,
        )
        terminals = await start_terminals(
            settings,
            (),
            SystemClock(),
            SystemChance(),
            stack,
            host_port=host_port,
            first_lang=first_lang,
            complain=complain,
        )
        page = await start_page(settings, terminals, SystemClock(), SystemChance(), stack, door_told_in(settings.lang))
        tell(
            settings.lang,
            "ready",
            page=page,
            first=f"{page.rstrip('/')}/t/{next(iter(terminals))}",
            host=f"{settings.host.listen}:{host_port}",
            bank=f"{settings.bank.listen}:{bank_port}",
            wallets=wallets_page,
            office=office[0] if office else "–",
            folder=str(settings.data_path),
            log=str(settings.data_path / LOG_FILE),
        )
        if places.is_demo:
            tell(settings.lang, "how_to", operators=demo_operators(settings.lang))
        if has_demo_people(settings):
            tell(settings.lang, "how_to_office", people=demo_office(settings.lang))
        tell(settings.lang, "how_to_end")

    check_folder(settings.data_path)
    configure_logs(level=settings.log_level, file=settings.data_path / LOG_FILE)
    asyncio.run(run_until_stopped(start, core_dumps=settings.core_dumps))
    tell(settings.lang, "stopped")


def host(settings: Settings, *, accept_older: bool = False, with_office: bool = False) -> None:
    """Run the acquirer's host alone."""

    async def start(stack: AsyncExitStack) -> None:
        port = await start_host(
            settings,
            SystemClock(),
            SystemChance(),
            stack,
            told_in(settings.lang),
            accept_older=accept_older,
            page_told=lambda page: tell(settings.lang, "phone_page", page=page),
            office_told=(lambda page: tell(settings.lang, "office_page", page=page)) if with_office else None,
        )
        gc.freeze()
        gc.set_threshold(*GARBAGE_AFTER)
        tell(settings.lang, "host_ready", address=f"{settings.host.listen}:{port}")

    configure_logs(level=settings.log_level)
    asyncio.run(run_until_stopped(start, core_dumps=settings.core_dumps))


def office(settings: Settings) -> None:
    """Run the office alone, beside a host that may run or not."""
    from ..programs.office_alone import start_office_alone

    async def start(stack: AsyncExitStack) -> None:
        page, has_host = await start_office_alone(settings, SystemClock(), SystemChance(), stack)
        tell(settings.lang, "office_ready" if has_host else "office_reads_only", page=page)

    configure_logs(level=settings.log_level)
    asyncio.run(run_until_stopped(start, core_dumps=settings.core_dumps))


def bank(settings: Settings) -> None:
    """Run the bank simulator alone."""

    async def start(stack: AsyncExitStack) -> None:
        port = await start_bank(settings, SystemClock(), SystemChance(), stack)
        tell(settings.lang, "bank_ready", address=f"{settings.bank.listen}:{port}")

    configure_logs(level=settings.log_level)
    asyncio.run(run_until_stopped(start, core_dumps=settings.core_dumps))


def wallets(settings: Settings) -> None:
    """Run the simulated wallets alone."""

    async def start(stack: AsyncExitStack) -> None:
        page = await start_wallets(settings, SystemClock(), SystemChance(), stack)
        tell(settings.lang, "wallets_ready", page=page)

    configure_logs(level=settings.log_level)
    asyncio.run(run_until_stopped(start, core_dumps=settings.core_dumps))


def demo_office(lang: Lang) -> str:
    """Who may sign in to the office on demo data, with the password of them all."""
    people = demo_people(lang)
    return " · ".join(f"{one.login} ({one.role})" for one in people) + f" {people[0].password}"


def demo_operators(lang: Lang) -> str:
    """Who may sign in on demo data, with passwords: they are for everybody."""
    return " · ".join(
        f"{number} {name} ({ROLE_WORDS[role].of(lang)}) {password}" for number, name, role, password in OPERATORS
    )


def terminal(
    settings: Settings, numbers: tuple[str, ...], host_port: int | None, *, first_lang: Lang | None = None
) -> None:
    """Run terminals and their page alone."""

    async def start(stack: AsyncExitStack) -> None:
        terminals = await start_terminals(
            settings,
            numbers,
            SystemClock(),
            SystemChance(),
            stack,
            host_port=host_port,
            first_lang=first_lang,
            complain=complain,
        )
        page = await start_page(settings, terminals, SystemClock(), SystemChance(), stack, door_told_in(settings.lang))
        tell(settings.lang, "terminal_ready", page=page)

    configure_logs(level=settings.log_level)
    asyncio.run(run_until_stopped(start, core_dumps=settings.core_dumps))


def demo_data(settings: Settings) -> None:
    """Make demo data in an empty folder, and end."""
    places = Places(settings.data_path)
    if places.host_local_key.exists():
        raise Misuse(
            f"there are data in {settings.data_path} already; they are not overwritten. Give an empty folder with --data DIR."
        )
    check_folder(settings.data_path)
    configure_logs(level="warning")
    asyncio.run(make_data(settings))
    tell(settings.lang, "demo_made", folder=str(settings.data_path))

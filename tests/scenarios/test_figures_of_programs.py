"""What office, terminals and bank count, on ports of their own: read when asked, nobody is named, and no page gives them away."""

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.conftest import Ports
from tests.worlds.house import HouseProcesses
from tests.worlds.office import Browser

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.figures import FigureRow
from zhanggui.host import figures as host_figures
from zhanggui.office import figures as office_figures
from zhanggui.programs import bank_figures, terminal_figures
from zhanggui.programs.bank import start_bank
from zhanggui.programs.demo_people import DEMO_PASSWORD
from zhanggui.programs.settings import BankSection, MetricsSection, Settings, TerminalSection
from zhanggui.programs.terminals import start_page, start_terminals

WITHIN_S = 10.0
HERE = "127.0.0.1"


def read(port: int, page: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{HERE}:{port}/{page}", timeout=WITHIN_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def figures(port: int) -> dict[str, float]:
    status, text = read(port, "metrics")
    assert status == 200
    return {name: float(value) for name, value in re.findall(r"^(\w+(?:\{[^}]*\})?) (\S+)$", text, re.M)}


def tells_each(port: int, rows: Mapping[str, FigureRow]) -> None:
    """Every figure of the table is served with its kind and words."""
    text = read(port, "metrics")[1]
    for name, row in rows.items():
        assert re.search(rf"^# TYPE ({name}|{name.removesuffix('_total')}) {row.kind}$", text, re.M), name
        assert row.en in text


@pytest.mark.parametrize("program", [host_figures, office_figures, terminal_figures, bank_figures])
def test_names_are_those_of_the_field(program: object) -> None:
    rows: Callable[[], Mapping[str, FigureRow]] = program.figure_rows  # type: ignore[attr-defined]
    for name, row in rows().items():
        assert re.fullmatch(r"zhanggui_[a-z_]+", name)
        assert name.endswith("_total") is (row.kind == "counter"), name
        assert "ms" not in name.split("_"), "seconds, as everywhere"


async def test_terminals_and_bank_tell_theirs(demo_folder: Path, ports: Ports) -> None:
    bank_port, terminal_port = ports.take(), ports.take()
    settings = Settings(
        data=str(demo_folder),
        bank=BankSection(port=ports.take()),
        terminal=TerminalSection(port=ports.take()),
        metrics=MetricsSection(listen=HERE, bank_port=bank_port, terminal_port=terminal_port),
    )
    clock, chance = SystemClock(), SystemChance()

    async def get(url: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(url)

    async with AsyncExitStack() as stack:
        await start_bank(settings, clock, chance, stack)
        terminals = await start_terminals(settings, ("10000001",), clock, chance, stack, complain=print)
        page = await start_page(settings, terminals, clock, chance, stack, print)
        assert (await get(f"{page}t/10000001")).status_code == 200
        assert (await get(f"{page}metrics")).status_code == 404
        text = (await get(f"http://{HERE}:{terminal_port}/metrics")).text
        assert re.search(r'^zhanggui_terminal_http_requests_total\{status="2xx"\} 1\.0$', text, re.M)
        assert re.search(r"^zhanggui_terminal_terminals 1\.0$", text, re.M)
        assert "10000001" not in text
        assert (await get(f"http://{HERE}:{terminal_port}/ready")).json() == {"ready": True, "degraded": []}
        await terminals["10000001"].stop()
        gone = await get(f"http://{HERE}:{terminal_port}/ready")
        assert (gone.status_code, gone.json()["degraded"]) == (503, ["terminals_stopped"])
        assert (await get(f"http://{HERE}:{terminal_port}/health")).status_code == 200
        assert re.search(
            r"^zhanggui_bank_connections 0\.0$", (await get(f"http://{HERE}:{bank_port}/metrics")).text, re.M
        )
        assert (await get(f"http://{HERE}:{bank_port}/ready")).json() == {"ready": True, "degraded": []}


def test_an_office_tells_what_it_answered_and_whether_its_host_is_there(demo_folder: Path, ports: Ports) -> None:
    metrics = {name: ports.take() for name in ("PORT", "OFFICE_PORT", "TERMINAL_PORT", "BANK_PORT")}
    variables = {f"ZHANGGUI_METRICS_{name}": str(port) for name, port in metrics.items()}
    processes = HouseProcesses(
        demo_folder, ports.take(), ports.take(), variables={"ZHANGGUI_METRICS_LISTEN": HERE, **variables}
    )
    port = metrics["OFFICE_PORT"]
    try:
        processes.start_bank()
        processes.start_host()
        office = processes.start_office(ports.take())
        with Browser(office) as owner:
            owner.sign_in("demo.owner", DEMO_PASSWORD)
            assert owner.get("/no/such/page").status_code == 404
            assert owner.get("/metrics").status_code == 404
            seen = figures(port)
            assert seen['zhanggui_office_http_requests_total{status="4xx"}'] == 2
            assert seen['zhanggui_office_http_requests_total{status="2xx"}'] >= 1
            assert 0 < seen["zhanggui_office_http_request_seconds_total"] < WITHIN_S
            assert seen["zhanggui_office_host_up"] == 1
            tells_each(port, office_figures.figure_rows())
            assert "demo.owner" not in read(port, "metrics")[1]
            assert msgspec.json.decode(read(port, "ready")[1]) == {"ready": True, "degraded": []}
            assert read(metrics["BANK_PORT"], "ready")[0] == read(metrics["PORT"], "ready")[0] == 200
            processes.kill("host")
            assert "只读" in owner.get("/").text
            assert figures(port)["zhanggui_office_host_up"] == 0
            assert msgspec.json.decode(read(port, "ready")[1]) == {"ready": True, "degraded": ["host_away"]}
            assert read(port, "health") == (200, '{"lives":true}')
    finally:
        processes.stop()

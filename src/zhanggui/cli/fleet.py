"""`zhanggui fleet make`: labelled sign-in history of a fleet that never was."""

import asyncio
import time
from datetime import datetime
from pathlib import Path

from ..basics.chance import SystemChance
from ..basics.clock import CHINA, Clock, SystemClock, china_time, instant_of
from ..basics.errors import Misuse
from ..basics.numbers import UnixMs
from ..edges.lock import FolderLock
from ..host.commit import Door
from ..programs.data_folder import Places, require_data, store_target
from ..programs.settings import Settings
from ..simulator.fleets.fleet import Fleet, make_fleet
from ..simulator.fleets.fleet_files import LABELS_FILE, write_lines, write_note, write_to_store
from ..simulator.fleets.plan import FleetPlan, read_incidents
from ..store.open import open_store
from .output import print_json, print_text


def make(
    settings: Settings,
    clock: Clock,
    *,
    terminals: int,
    days: int,
    seed: int,
    incidents: str,
    until: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Make a fleet into a folder of JSON lines, or into the host's database of a data folder."""
    plan = FleetPlan(
        terminals=terminals,
        days=days,
        seed=seed,
        until_ms=_midnight(until, clock),
        incidents=read_incidents(incidents, terminals, days),
    )
    if out is None:
        _check_folder(settings)
    began_s = time.monotonic()
    fleet = make_fleet(plan)
    if out is not None:
        write_lines(fleet, out)
    else:
        asyncio.run(_into_store(settings, fleet))
        write_note(fleet, settings.data_path)
    _tell(settings, fleet, out or settings.data_path, time.monotonic() - began_s, as_json=as_json)


def _midnight(until: str, clock: Clock) -> UnixMs:
    if not until:
        today = china_time(clock.now())
        return instant_of(today.replace(hour=0, minute=0, second=0, microsecond=0))
    try:
        return instant_of(datetime.strptime(until, "%Y-%m-%d").replace(tzinfo=CHINA))
    except ValueError:
        raise Misuse("--until is a day like 2026-03-01; the history ends at its first midnight") from None


def _check_folder(settings: Settings) -> None:
    require_data(Places(settings.data_path))
    if (settings.data_path / LABELS_FILE).exists():
        raise Misuse(f"{settings.data_path} holds a fleet already; make a new data folder for another")


async def _into_store(settings: Settings, fleet: Fleet) -> None:
    places = Places(settings.data_path)
    lock = FolderLock(places.host_lock, "a host").acquire()
    try:
        store = open_store(store_target(settings, places))
        try:
            await write_to_store(fleet, Door(store, SystemClock(), SystemChance()))
        finally:
            await store.close()
    finally:
        lock.release()


def _tell(settings: Settings, fleet: Fleet, folder: Path, seconds: float, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "seed": fleet.plan.seed,
                "terminals": len(fleet.terminals),
                "operators": len(fleet.operators),
                "sign_ins": len(fleet.sign_ins),
                "labels": len(fleet.labels),
                "seconds": round(seconds, 2),
            }
        )
        return
    if settings.lang == "zh":
        print_text(
            f"{folder}：{len(fleet.terminals)} 台终端，{len(fleet.operators)} 名操作员，{len(fleet.sign_ins)} 次签到，"
            f"{len(fleet.labels)} 个标注的事件，{seconds:.1f} 秒"
        )
    else:
        print_text(
            f"{folder}: {len(fleet.terminals)} terminals, {len(fleet.operators)} operators, {len(fleet.sign_ins)} sign-ins, "
            f"{len(fleet.labels)} labelled incidents, {seconds:.1f} s"
        )

"""`zhanggui bench data`: a database with as many payments and sign-ins as a bench wants, made once and used by each."""

import asyncio
import time

from ..basics.chance import SystemChance
from ..basics.clock import Clock, SystemClock, china_time, instant_of
from ..edges.lock import FolderLock
from ..host.commit import Door
from ..programs.data_folder import Places, check_folder, store_target
from ..programs.demo import make_demo
from ..programs.settings import Settings
from ..simulator.fleets.large import LargePlan, Told, make_large
from ..store.open import open_store
from .output import print_error, print_json, print_text

TOLD_EVERY_S = 2.0


def bench_data(settings: Settings, clock: Clock, *, payments: int, sign_ins: int, as_json: bool) -> None:
    """Make the data in this folder, or go on with what was begun there; demo data are made first where there are none."""
    midnight = china_time(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    plan = LargePlan(payments=payments, sign_ins=sign_ins, until_ms=instant_of(midnight))
    began_s = time.monotonic()
    made = asyncio.run(_make(settings, plan))
    seconds = time.monotonic() - began_s
    if as_json:
        told = {"folder": str(settings.data_path), "payments": payments, "sign_ins": sign_ins}
        print_json({**told, "shops": plan.shops, "shops_made_now": made, "seconds": round(seconds, 2)})
    elif settings.lang == "zh":
        print_text(
            f"{settings.data_path}：{payments:,} 笔交易，{sign_ins:,} 次签到，{plan.shops:,} 家商户（本次 {made:,} 家，{seconds:.1f} 秒）"
        )
    else:
        print_text(
            f"{settings.data_path}: {payments:,} payments, {sign_ins:,} sign-ins, {plan.shops:,} shops ({made:,} of them now, {seconds:.1f} s)"
        )


async def _make(settings: Settings, plan: LargePlan) -> int:
    places = Places(settings.data_path)
    check_folder(settings.data_path)
    if not places.host_local_key.exists():
        await make_demo(settings, SystemClock(), SystemChance(), lambda step: None)
    lock = FolderLock(places.host_lock, "a host").acquire()
    try:
        store = open_store(store_target(settings, places))
        try:
            return await make_large(plan, Door(store, SystemClock(), SystemChance()), _progress())
        finally:
            await store.close()
    finally:
        lock.release()


def _progress() -> Told:
    """Tells on standard error how far it is, every two seconds and at the end."""
    told_s = time.monotonic()

    def tell(done: int, whole: int) -> None:
        nonlocal told_s
        if done == whole or time.monotonic() - told_s >= TOLD_EVERY_S:
            told_s = time.monotonic()
            print_error(f"bench data {done:,} / {whole:,}")

    return tell

"""The office over shops that have lived: the same rows at each start, since time and chance are given. Run as a program of its own.

`python -m tests.worlds.past_office FOLDER PORT DAYS` makes the data, puts sessions of all people of the demo into `FOLDER/doors.json`, serves
the office until it is ended, and says `ready` when it does. No host runs over the data: what stands there stays as it is.
"""

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from msgspec.structs import replace
from tests.worlds.desk_alone import DeskAlone

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import CHINA, instant_of
from zhanggui.basics.numbers import OperatorNo, UnixMs
from zhanggui.basics.spans import HOUR_MS, MINUTE_MS
from zhanggui.office.desk import DemoPerson
from zhanggui.office.gate import FORM_BYTES_MAX
from zhanggui.office.links import invitation_path
from zhanggui.programs.data_folder import Places, check_folder, store_target
from zhanggui.programs.demo import MERCHANT_NO, make_demo
from zhanggui.programs.demo_people import demo_people
from zhanggui.programs.settings import Settings
from zhanggui.simulator.past.making import PastPlan, live
from zhanggui.store.open import open_queries
from zhanggui.store.queries import PlaceFilter
from zhanggui.web.serving import serve

NOW = instant_of(datetime(2026, 11, 27, 14, 40, tzinfo=CHINA))
"""A Friday, after the busiest hours of the noon."""
SEED = 20261127
DOORS = "doors.json"
LOCKED = OperatorNo("03")
HALF_WAY = "demo.support"
"""Whose session still waits for the second factor."""


def make(folder: Path, days: int) -> DeskAlone:
    """The data, with what people of the office did today."""
    check_folder(folder)
    settings, chance = Settings(data=str(folder)), SeededChance(SEED)
    plan = PastPlan(NOW, days, with_today=True)
    clock = plan.clock
    asyncio.run(
        make_demo(
            settings,
            clock,
            chance,
            lambda step: None,
            lambda begun: live(plan, begun, clock, chance, lambda done, whole: None),
        )
    )
    people = demo_people("zh")
    shown = tuple(DemoPerson(one.login, one.password, one.role) for one in people)
    alone = DeskAlone(settings, clock, chance, shown)
    doors: dict[str, Any] = {"sessions": {}}

    def act(act_name: str, login: str, at: str, why: str = "", /, **values: Any) -> Any:
        clock.pass_ms(MINUTE_MS)
        return alone.act(act_name, login, at, why, **values)

    act("set_rule", "demo.owner", MERCHANT_NO, "午间换班太挤", rule="idle_lock_s", value=600)
    act("order_announcement", "demo.manager", MERCHANT_NO, terminal_no="10000003", contents="今晚八点盘点，请提前结算")
    act("add_token", "demo.owner", MERCHANT_NO, "给记账软件", name="记账软件", scopes="payments:view batches:view")
    act(
        "add_webhook",
        "demo.owner",
        MERCHANT_NO,
        address="https://books.example.cn/zhanggui",
        events=("payment", "settlement"),
    )
    act("test_webhook", "demo.owner", MERCHANT_NO, webhook_no=1)
    act("use_profile", "demo.admin", MERCHANT_NO, "按总部要求收紧", profile="strict")
    act(
        "order_export",
        "demo.owner",
        MERCHANT_NO,
        "给会计对账",
        area="payments",
        list_name="payments",
        detail="xlsx",
        format="xlsx",
        lang="zh",
        question="",
        file_id=alone.files.new_id(),
        place=alone.files.place,
    )
    invited = act("invite_person", "demo.owner", MERCHANT_NO, login="zhou.hui", name="周会计", role="manager")
    doors["invitation"] = invitation_path(invited.shown.reveal())
    with open_queries(store_target(settings, Places(folder))) as queries:
        (operator,) = (
            one for one in queries.list_operators(PlaceFilter(merchant_no=MERCHANT_NO)) if one.operator_no == LOCKED
        )
    alone.change(replace(operator, failed_count=10, locked_until_ms=UnixMs(clock.now() + HOUR_MS)))
    for one in people:
        doors["sessions"][one.login] = alone.session(one.login, "half" if one.login == HALF_WAY else "full")
    (folder / DOORS).write_text(json.dumps(doors), encoding="utf-8")
    return alone


def _say_nothing(*_: Any) -> Any:
    """Two months of shops write a log that nobody reads."""
    raise structlog.DropEvent


async def run(alone: DeskAlone, port: int) -> None:
    """Serve it until the process is ended."""
    await serve(
        alone.app,
        "127.0.0.1",
        port,
        message_bytes_max=FORM_BYTES_MAX,
        ready=lambda address: print(f"ready {address}", flush=True),
    )


if __name__ == "__main__":
    structlog.configure(processors=[_say_nothing])
    asyncio.run(run(make(Path(sys.argv[1]), int(sys.argv[3])), int(sys.argv[2])))

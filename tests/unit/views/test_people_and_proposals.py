"""People of the office and their proposals, written to a database and read as everybody shows them."""

from pathlib import Path

import pytest
from rich.cells import cell_len
from tests.contract.store_rows import save

from zhanggui.acquirer.rows.records import WHOLE_HOST, Person, Proposal, Record
from zhanggui.basics.numbers import MerchantNo, UnixMs
from zhanggui.basics.words import Lang
from zhanggui.store.open import open_queries, open_store
from zhanggui.views.listing import json_of
from zhanggui.views.people import PEOPLE, read_people
from zhanggui.views.proposals import PROPOSALS, read_proposals

SHOP, NOON = MerchantNo("102100058120001"), UnixMs(1_795_320_000_000)
ZHAO = Person(
    merchant_no=WHOLE_HOST,
    login="zhao.laoban",
    name="赵老板",
    shop_no=SHOP,
    role="owner",
    state="locked",
    operator_no="00",
    password="$argon2id$secret",
    code_secret="sealed-secret",
    code_last_step=7,
    failed_count=10,
    last_try_ms=NOON,
    locked_until_ms=UnixMs(NOON + 60_000),
    session_marks="aa bb",
    invitation="cc",
    made_ms=NOON,
    made_by="console",
)
QIAN = Person(
    merchant_no=WHOLE_HOST,
    login="qian",
    name="钱",
    shop_no="",
    role="admin",
    state="invited",
    made_ms=NOON,
    made_by="console",
)


def proposal(number: int, **fields: object) -> Proposal:
    return Proposal(
        **{  # type: ignore[arg-type]  # the fields of a proposal
            "merchant_no": SHOP,
            "proposal_no": number,
            "act": "erase_document",
            "asked": '{"document_id":"00ff"}',
            "reason": "顾客要求",
            "made_by": "person:zhao.laoban",
            "login": "zhao.laoban",
            "operator_no": "00",
            "made_ms": UnixMs(NOON + number),
            "expires_ms": UnixMs(NOON + 1_000),
            **fields,
        }
    )


ROWS: tuple[Record, ...] = (
    ZHAO,
    QIAN,
    proposal(1),
    proposal(2, expires_ms=UnixMs(NOON + 9_000_000)),
    proposal(
        3,
        state="confirmed",
        decided_by="person:sun",
        decided_ms=UnixMs(NOON + 5),
        note_no=4,
        amount_fen=12_345,
    ),
)


@pytest.fixture
async def database(tmp_path: Path) -> str:
    target = str(tmp_path / "host.db")
    store = open_store(target)
    await save(store, *ROWS)
    await store.close()
    return target


async def test_people_are_read_by_shop_and_nothing_that_opens_a_door_is_shown(database: str) -> None:
    with open_queries(database) as queries:
        everybody = read_people(queries, None, NOON)
        (zhao,) = read_people(queries, SHOP, NOON)
    assert [row.login for row in everybody] == ["qian", "zhao.laoban"]
    assert (zhao.has_second_factor, zhao.sessions, zhao.failures_in_a_row) == (True, 2, 10)
    assert zhao.locked_until is not None
    told = json_of(everybody)
    assert not [secret for secret in ("argon2id", "sealed", "aa bb", '"cc"') if secret in told]


async def test_a_proposal_that_nobody_decided_in_time_is_expired(database: str) -> None:
    later = UnixMs(NOON + 2_000)
    with open_queries(database) as queries:
        every = read_proposals(queries, SHOP, None, 50, later)
        waiting = read_proposals(queries, None, "open", 50, later)
        over = read_proposals(queries, None, "expired", 50, later)
    assert [(row.proposal_no, row.state) for row in every] == [(3, "confirmed"), (2, "open"), (1, "expired")]
    assert [row.proposal_no for row in waiting] == [2]
    assert [row.proposal_no for row in over] == [1]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_both_fit_a_window_of_eighty(database: str, lang: Lang) -> None:
    with open_queries(database) as queries:
        people = read_people(queries, None, NOON)
        proposals = read_proposals(queries, None, None, 50, NOON)
    for cells in (
        [PEOPLE.heads(lang, is_wide=False), *PEOPLE.cells(people, lang, is_wide=False)],
        [PROPOSALS.heads(lang, is_wide=False), *PROPOSALS.cells(proposals, lang, is_wide=False)],
    ):
        widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
        assert sum(widths) + 2 * (len(widths) - 1) <= 80, cells

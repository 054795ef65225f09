"""Chains of provable records on every store: what is saved comes back, deleted rows are gone, waiting chains are told."""

from functools import partial

import msgspec
import pytest
from tests.contract.store_rows import FIRST, MORNING, OTHER_SHOP, SHOP, load, save, sign_in, terminal

from zhanggui.acquirer.proof.audit import Audit
from zhanggui.acquirer.proof.chain import append_links, chain_needs, sign_checkpoint
from zhanggui.acquirer.rows.records import ChainHead, Checkpoint, Link, Salt, SignIn, Terminal
from zhanggui.acquirer.rows.state import Change, Delete, Insert, Needs, Update
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import MerchantNo, UnixMs
from zhanggui.store.open import open_proof_rows, open_queries
from zhanggui.store.port import ChainedStore
from zhanggui.store.queries import SignInFilter
from zhanggui.vault.signature import signature_fits
from zhanggui.vault.software import SoftwareHsm

CHANCE = SeededChance(3)
HSM = SoftwareHsm(bytes(range(32)), CHANCE)
KEY = HSM.new_signing_key()


async def change(store: ChainedStore, *changes: Change, now: int = MORNING) -> None:
    """Save with links, as the engine does."""
    async with store.unit() as unit:
        needs = chain_needs(changes)
        assert needs is not None
        state = await unit.load(needs)
        await unit.save([*changes, *append_links(state, changes, CHANCE, UnixMs(now))])


async def sign(store: ChainedStore, shop: MerchantNo = SHOP, now: int = MORNING) -> None:
    async with store.unit() as unit:
        head = (await unit.load(Needs({ChainHead: [(shop,)]}))).get(ChainHead, shop)
        assert head is not None
        checkpoint, signed = sign_checkpoint(head, lambda data: HSM.sign(KEY, data), UnixMs(now))
        await unit.save([Insert(checkpoint), Update(signed)])


async def grown(store: ChainedStore, signed_until: int, now: int = MORNING + 1_000, limit: int = 9) -> list[MerchantNo]:
    """The merchants whose chains wait for a checkpoint."""
    return [head.merchant_no for head in await store.heads_unsigned(UnixMs(signed_until), UnixMs(now), limit)]


def problems(target: str) -> list[str]:
    audit = Audit(partial(signature_fits, HSM.public_key(KEY)))
    with open_proof_rows(target) as rows:
        for checkpoint in rows.checkpoints():
            audit.checkpoint(checkpoint)
        for link in rows.links():
            audit.link(link)
        for head in rows.heads():
            audit.head(head.merchant_no, head.link_no, head.hash)
        for record in rows.records():
            audit.record(record)
    return [problem.what for problem in audit.finish().problems]


async def test_links_salts_heads_and_checkpoints_come_back_as_they_were(target: str, store: ChainedStore) -> None:
    salt = Salt(merchant_no=SHOP, record_kind="sign_in", record_no=1, salt=bytes(range(16)))
    link = Link(
        merchant_no=SHOP,
        link_no=1,
        record_kind="sign_in",
        record_no=1,
        event="attempted",
        commitment=b"\x00\xff" * 16,
        previous=bytes(32),
        hash=b"\xfe\x01" * 16,
        made_ms=MORNING,
    )
    head = ChainHead(merchant_no=SHOP, link_no=1, hash=link.hash, signed_ms=MORNING)
    checkpoint = Checkpoint(merchant_no=SHOP, link_no=1, head_hash=link.hash, made_ms=MORNING, signature=b"\x07" * 64)
    await save(store, salt, link, head, checkpoint)
    state = await load(
        store, Needs({ChainHead: [(SHOP,), (OTHER_SHOP,)], Salt: [(SHOP, "sign_in", 1), (SHOP, "sign_in", 2)]})
    )
    assert state.get(Salt, SHOP, "sign_in", 1) == salt
    assert state.get(Salt, SHOP, "sign_in", 2) is None
    assert state.get(ChainHead, SHOP) == head
    assert state.get(ChainHead, OTHER_SHOP) is None
    with open_proof_rows(target) as rows:
        assert (list(rows.links()), list(rows.heads()), list(rows.checkpoints())) == ([link], [head], [checkpoint])


async def test_a_record_through_its_life_is_sound_at_every_step(target: str, store: ChainedStore) -> None:
    began = sign_in(1)
    for step in (
        Insert(began),
        Update(msgspec.structs.replace(began, state="active", operator_name="王芳", drift_s=0, session_no=4)),
        Update(
            msgspec.structs.replace(began, state="ended", ended_ms=UnixMs(MORNING + 5), reason="下班 'quoted' \\ \n")
        ),
    ):
        await change(store, step)
        assert problems(target) == []
    await change(store, Insert(sign_in(2)), Insert(sign_in(3)))
    await sign(store)
    assert problems(target) == []


async def test_two_changes_of_one_record_in_one_transaction_are_two_links(target: str, store: ChainedStore) -> None:
    began = sign_in(1)
    await change(store, Insert(began), Update(msgspec.structs.replace(began, state="refused", reason="locked")))
    assert problems(target) == []
    assert [link.event for link in await store.links_from(SHOP, 1, 10)] == ["attempted", "refused"]


async def test_a_row_that_was_deleted_is_gone_and_a_row_that_is_not_there_can_not_go(store: ChainedStore) -> None:
    await save(store, sign_in(1), sign_in(2), terminal())
    state = await load(store, Needs({SignIn: [(SHOP, sign_in(1).record_no)]}))
    assert state.get(SignIn, SHOP, 1) is not None  # known to the cache from now on
    await save(store, Delete(sign_in(1)))
    state = await load(store, Needs({SignIn: [(SHOP, sign_in(1).record_no), (SHOP, sign_in(2).record_no)]}))
    assert state.get(SignIn, SHOP, 1) is None
    assert state.get(SignIn, SHOP, 2) == sign_in(2)
    with pytest.raises(Defect, match=r"2 rows of SignIn were to (go|change), 1 are there"):
        await save(store, Delete(sign_in(2)), Delete(sign_in(1)), Update(terminal(place="elsewhere")))
    state = await load(store, Needs({SignIn: [(SHOP, sign_in(2).record_no)], Terminal: [(SHOP, FIRST)]}))
    assert state.get(SignIn, SHOP, 2) == sign_in(2)
    assert state.get(Terminal, SHOP, FIRST) == terminal()


async def test_a_row_is_not_deleted_and_changed_in_one_transaction(store: ChainedStore) -> None:
    await save(store, sign_in(1))
    for changes in ((Delete(sign_in(1)), Insert(sign_in(1))), (Update(sign_in(1)), Delete(sign_in(1)))):
        with pytest.raises(Defect, match="changes and deletes"):
            await save(store, *changes)


async def test_chains_that_grew_since_their_checkpoint_are_told_in_order_and_bounded(store: ChainedStore) -> None:
    await change(store, Insert(sign_in(1)), now=MORNING + 1)
    other = msgspec.structs.replace(sign_in(1), merchant_no=OTHER_SHOP)
    await change(store, Insert(other), now=MORNING + 2)
    assert await grown(store, MORNING + 9) == [SHOP, OTHER_SHOP]
    assert await grown(store, MORNING + 9, limit=1) == [SHOP]
    assert await grown(store, MORNING + 1) == [SHOP]
    await sign(store, now=MORNING + 3)
    assert await grown(store, MORNING + 9) == [OTHER_SHOP]
    await change(store, Insert(sign_in(2)), now=MORNING + 4)
    assert await grown(store, MORNING + 3) == [SHOP, OTHER_SHOP]
    assert [link.link_no for link in await store.links_from(SHOP, 2, 9)] == [2]


async def test_chains_whose_checkpoint_is_from_a_time_that_is_not_yet_are_told_too(store: ChainedStore) -> None:
    """The host's clock went back: it would take as long until the checkpoint is old."""
    await change(store, Insert(sign_in(1)), now=MORNING + 1)
    await sign(store, now=MORNING + 100)
    assert await grown(store, MORNING + 10, MORNING + 20) == [], "it has not grown"
    await change(store, Insert(sign_in(2)), now=MORNING + 20)
    assert await grown(store, MORNING + 10, MORNING + 100) == []
    assert await grown(store, MORNING + 10, MORNING + 99) == [SHOP]
    assert await grown(store, MORNING + 20, MORNING + 20) == [SHOP], "all that grew"


async def test_what_somebody_else_wrote_into_the_tables_is_found(target: str, store: ChainedStore) -> None:
    await change(store, Insert(sign_in(1)), Insert(sign_in(2)))
    await sign(store)
    await save(store, Update(sign_in(2, operator_no="77")))
    assert problems(target) == ["record_altered"]
    await save(store, Delete(sign_in(2)))
    assert problems(target) == ["record_missing"]
    await save(store, Insert(sign_in(2)), Insert(sign_in(3)))
    assert problems(target) == ["record_not_in_chain"]


async def test_each_sign_in_is_told_without_a_bound_and_filtered(target: str, store: ChainedStore) -> None:
    many = [
        sign_in(number, began_ms=MORNING + number, reason="locked" if number % 2 else "") for number in range(1, 4101)
    ]
    await save(store, *many)
    with open_queries(target) as queries:
        assert sum(1 for _ in queries.each_sign_in()) == len(many)
        late = SignInFilter(since_ms=UnixMs(MORNING + 4098), reason="locked")
        assert [record.record_no for record in queries.each_sign_in(late)] == [4099]

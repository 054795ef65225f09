"""What management needs of every store: a shop without its terminals, and notes that come back newest first."""

from tests.contract.store_rows import MORNING, OPERATOR, OTHER_SHOP, SHOP, merchant, operator, save

from zhanggui.acquirer.rows.records import AuditNote, Merchant, Operator
from zhanggui.acquirer.rows.state import Needs
from zhanggui.basics.numbers import MerchantNo, UnixMs
from zhanggui.store.open import open_queries, open_store
from zhanggui.store.queries import PlaceFilter


def note(number: int, shop: str = SHOP) -> AuditNote:
    return AuditNote(
        merchant_no=MerchantNo(shop),
        note_no=number,
        actor="console:00",
        action="reset_password",
        subject=OPERATOR,
        detail="10000001",
        made_ms=UnixMs(MORNING + number),
    )


async def test_a_shop_comes_alone_when_only_the_shop_is_asked_for(target: str) -> None:
    store = open_store(target)
    try:
        await save(store, merchant(), operator())
        async with store.unit() as unit:
            state = await unit.load(Needs({Merchant: [(SHOP,), (OTHER_SHOP,)]}))
        assert state.get(Merchant, SHOP) == merchant()
        assert state.get(Merchant, OTHER_SHOP) is None
        assert state.get(Operator, SHOP, OPERATOR) is None
    finally:
        await store.close()


async def test_notes_come_back_as_they_were_written_newest_first(target: str) -> None:
    store = open_store(target)
    try:
        await save(store, note(1), note(2), note(1, OTHER_SHOP))
    finally:
        await store.close()
    with open_queries(target) as queries:
        assert queries.list_audit_notes(PlaceFilter(merchant_no=SHOP)) == [note(2), note(1)]
        assert len(queries.list_audit_notes()) == 3
        assert queries.list_audit_notes(PlaceFilter(limit=1)) == [note(2)]

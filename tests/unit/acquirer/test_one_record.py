"""The proof of one record: it holds as long as nobody touched record, link or signature, and says which of them was touched."""

from collections.abc import Sequence
from functools import partial

import msgspec
import pytest
from tests.worlds.proof_shop import MORNING, SHOP, Shop, open_shop

from zhanggui.acquirer.proof.audit import ProvenRecord
from zhanggui.acquirer.proof.one_record import RecordProof, prove
from zhanggui.acquirer.rows.records import Checkpoint, Link, SignIn
from zhanggui.acquirer.rows.state import Update
from zhanggui.basics.numbers import UnixMs
from zhanggui.vault.signature import signature_fits

RECORDS = 12


@pytest.fixture(scope="module")
def shop() -> Shop:
    return open_shop(RECORDS)


def stretch(shop: Shop, number: int) -> tuple[ProvenRecord, list[Link], Checkpoint]:
    """A record, the links from its last one to the checkpoint, and that."""
    (record,) = [one for one in shop.proven() if one.record_no == number]
    last = max(link.link_no for link in shop.links if link.record_no == number)
    (checkpoint,) = shop.checkpoints
    return record, [link for link in shop.links if last <= link.link_no <= checkpoint.link_no], checkpoint


def proof(shop: Shop, record: ProvenRecord, links: Sequence[Link], checkpoint: Checkpoint | None) -> RecordProof:
    return prove(record, links, checkpoint, partial(signature_fits, shop.public_key))


@pytest.mark.parametrize("number", range(1, RECORDS + 1))
def test_each_record_is_proven_by_its_link_and_the_checkpoint_after_it(shop: Shop, number: int) -> None:
    record, links, checkpoint = stretch(shop, number)
    found = proof(shop, record, links, checkpoint)
    assert (found.standing, found.link_no, found.signed_link_no) == ("proven", links[0].link_no, checkpoint.link_no)
    assert found.is_good


def test_whatever_was_touched_is_named(shop: Shop) -> None:
    record, links, checkpoint = stretch(shop, 5)
    altered = msgspec.structs.replace(record, contents={**record.contents, "operator_no": "09"})
    assert proof(shop, altered, links, checkpoint).standing == "altered"
    bent = [links[0], msgspec.structs.replace(links[1], made_ms=UnixMs(links[1].made_ms + 1)), *links[2:]]
    assert proof(shop, record, bent, checkpoint).standing == "chain_broken"
    cut = [links[0], *links[2:]]
    assert proof(shop, record, cut, checkpoint).standing == "chain_broken"
    forged = msgspec.structs.replace(checkpoint, signature=bytes(64))
    assert proof(shop, record, links, forged).standing == "signature_wrong"
    other_head = msgspec.structs.replace(checkpoint, head_hash=bytes(32))
    assert proof(shop, record, links, other_head).standing == "signature_wrong"
    assert proof(shop, record, [], checkpoint).standing == "not_in_chain"
    assert not any(
        proof(shop, *touched).is_good
        for touched in (
            (altered, links, checkpoint),
            (record, bent, checkpoint),
            (record, links, forged),
            (record, [], checkpoint),
        )
    )


def test_a_record_that_no_checkpoint_holds_yet_fits_its_chain() -> None:
    shop = open_shop(3)
    record = shop.state.get(SignIn, SHOP, 3)
    assert record is not None
    shop.change([Update(msgspec.structs.replace(record, reason="asked_again"))], UnixMs(MORNING + 99_000))
    (proven,) = [one for one in shop.proven() if one.record_no == 3]
    found = proof(shop, proven, [shop.links[-1]], None)
    assert (found.standing, found.is_good, found.signed_ms) == ("not_signed_yet", True, None)

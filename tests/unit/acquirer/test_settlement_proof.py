"""Who is believed about a batch, what they are told, and how much one batch can be made to hold."""

from typing import get_args

import pytest
from tests.unit.acquirer.test_settlement import Shop, code, detail, reply
from tests.worlds.acquirer_world import BATCH, FOREIGN, MERCHANT, WANG

from zhanggui.acquirer.rows.records import Batch, BatchDetail, Merchant, SupportCase
from zhanggui.acquirer.settlement import upload
from zhanggui.acquirer.settlement.proof import Proof, trust_in
from zhanggui.acquirer.settlement.settle import shop_policy
from zhanggui.cup.messages.settlement import Sums

HOSTS = Sums(debit_count=1, debit_fen=12_850)
WRONG = Sums(debit_count=3, debit_fen=99_900)


def foreign_shop(batch_proof: str = "line", *traces: str) -> Shop:
    """A terminal of another maker with sales."""
    world = Shop()
    (merchant,) = world.rows(Merchant)
    world.change(merchant, policy_overrides=f'{{"batch_proof":"{batch_proof}"}}')
    world.sign_on(FOREIGN, operator_no=WANG)
    for place, trace in enumerate(traces or ("000007",)):
        world.sale(trace, number=FOREIGN, mac="current" if place else "next")
        world.bank("00", trace, FOREIGN)
    return world


@pytest.mark.parametrize("batch_proof", ["mac", "line"])
def test_a_stranger_closes_no_batch_hears_no_totals_and_opens_no_case(batch_proof: str) -> None:
    world = foreign_shop(batch_proof)
    for sums in (HOSTS, WRONG):
        told = world.settle(sums, number=FOREIGN, proof="nothing")
        assert (reply(told).response_code, told.reason, reply(told).sums) == ("A0", "mac_missing", None)
    assert code(world.upload(detail("000007"), number=FOREIGN, proof="nothing")) == "A0"
    assert code(world.upload(is_end=True, number=FOREIGN, proof="nothing")) == "A0"
    assert (world.rows(Batch), world.rows(BatchDetail), world.rows(SupportCase)) == ([], [], [])
    assert world.terminal(FOREIGN).batch_no == BATCH


def test_a_batch_that_was_settled_tells_its_totals_to_no_stranger() -> None:
    world = foreign_shop()
    world.settle(HOSTS, number=FOREIGN, proof="mac")
    told = world.settle(WRONG, number=FOREIGN, proof="nothing")
    assert (reply(told).response_code, reply(told).sums) == ("A0", None)


def test_by_the_line_alone_it_is_believed_where_the_rule_says_so() -> None:
    world = foreign_shop("line")
    assert reply(world.settle(WRONG, number=FOREIGN, proof="line")).sums == HOSTS
    assert reply(foreign_shop("mac").settle(WRONG, number=FOREIGN, proof="line")).response_code == "A0"


def test_what_is_taken_without_proof_is_told_its_own_totals_and_the_flag() -> None:
    world = foreign_shop("none")
    told = reply(world.settle(WRONG, number=FOREIGN, proof="nothing"))
    assert (told.response_code, told.flag, told.sums) == ("00", "2", WRONG)
    assert reply(world.settle(WRONG, number=FOREIGN, proof="mac")).sums == HOSTS, "proven, it hears them"


def test_without_proof_batches_that_hold_nothing_are_not_used_up() -> None:
    world = foreign_shop("none")
    world.settle(WRONG, number=FOREIGN, proof="nothing")
    world.upload(is_end=True, number=FOREIGN, proof="nothing")
    for sums, flag in ((WRONG, "2"), (Sums(), "1")):
        told = world.settle(sums, number=FOREIGN, batch="000002", proof="nothing")
        assert (reply(told).response_code, reply(told).flag, told.changes) == ("00", flag, ())
    assert (len(world.rows(Batch)), len(world.rows(SupportCase))) == (1, 1)


def test_a_wrong_mac_is_never_better_than_none() -> None:
    world = foreign_shop("none")
    assert reply(world.settle(HOSTS, number=FOREIGN, proof="bad_mac")).response_code == "A0"


@pytest.mark.parametrize("proof", get_args(Proof))
def test_ours_are_believed_by_their_mac_alone(proof: Proof) -> None:
    world = foreign_shop("none")
    (merchant,) = world.rows(Merchant)
    policy = shop_policy(world.state, world.terminal())
    assert merchant.merchant_no == MERCHANT
    assert trust_in(world.terminal(), policy, proof) == ("proven" if proof == "mac" else "refused")


def test_a_batch_holds_so_many_details_and_no_more_and_told_again_they_count_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upload, "DETAILS_MAX", 3)
    world = foreign_shop()
    world.settle(WRONG, number=FOREIGN)
    for _ in range(3):
        assert code(world.upload(detail("000001"), detail("000002"), number=FOREIGN)) == "00"
    refused = world.upload(detail("000003"), detail("000004"), number=FOREIGN)
    assert (code(refused), refused.reason) == ("65", "too_many_details")
    assert code(world.upload(detail("000003"), number=FOREIGN)) == "00"
    assert len(world.rows(BatchDetail)) == 3
    assert code(world.upload(is_end=True, number=FOREIGN)) == "00", "its end comes all the same"

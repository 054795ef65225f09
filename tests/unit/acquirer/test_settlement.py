"""A batch's end by the rules: agreed, told payment by payment, each difference with its name; and nothing after it."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.worlds.acquirer_world import BATCH, FOREIGN, MERCHANT, NOON, OURS, WANG, World, tags_of

from zhanggui.acquirer.rows.batch_figures import BatchEntries, BatchSums, host_entry, told_detail
from zhanggui.acquirer.rows.decision import Decision, PlainReply, SettlementReply, reply_of
from zhanggui.acquirer.rows.records import Batch, BatchDetail, BatchDifference, Merchant, Payment, SupportCase, Terminal
from zhanggui.acquirer.settlement.proof import Proof
from zhanggui.acquirer.settlement.settle import SettlementAsked, decide_settlement, next_batch_no
from zhanggui.acquirer.settlement.upload import UploadAsked, decide_upload
from zhanggui.basics.numbers import BatchNo, OperatorNo, TerminalNo, TraceNo, UnixMs
from zhanggui.basics.spans import HOUR_MS
from zhanggui.cup.messages.settlement import Detail, SettlementRequest, Sums, Upload
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.transactions import PAYMENTS

KEY = (MERCHANT, OURS, BatchNo(BATCH))
CARD = "621700*********0012"


class Shop(World):
    """A world that counts a batch as a store does."""

    def settle(
        self,
        sums: Sums,
        *,
        number: TerminalNo = OURS,
        batch: str = BATCH,
        operator_no: OperatorNo | None = WANG,
        proof: Proof = "mac",
    ) -> Decision:
        request = SettlementRequest(
            MERCHANT, number, BatchNo(batch), TraceNo("000900"), sums=sums, operator_no=operator_no
        )
        key = (MERCHANT, number, BatchNo(batch))
        self.state.sums[key] = self.counted(key)
        asked = SettlementAsked(request=request, proof=proof, rrn=self.rrn())
        return self.took(decide_settlement(self.state, asked, self.now))

    def upload(
        self,
        *details: Detail,
        is_end: bool = False,
        number: TerminalNo = OURS,
        batch: str = BATCH,
        proof: Proof = "mac",
    ) -> Decision:
        upload = Upload(
            merchant_no=MERCHANT, terminal_no=number, batch_no=BatchNo(batch), details=details, is_end=is_end
        )
        key = (MERCHANT, number, BatchNo(batch))
        told = [row for row in self.rows(BatchDetail) if (row.merchant_no, row.terminal_no, row.batch_no) == key]
        self.state.entries[key] = BatchEntries(
            {p.trace_no: host_entry(p) for p in self.inside(key)}, {d.trace_no: told_detail(d) for d in told}
        )
        asked = UploadAsked(upload=upload, proof=proof)
        return self.took(decide_upload(self.state, asked, self.now))

    def inside(self, key: tuple[object, ...]) -> list[Payment]:
        return [p for p in self.rows(Payment) if (p.merchant_no, p.terminal_no, p.batch_no) == key]

    def counted(self, key: tuple[object, ...]) -> BatchSums:
        side: dict[str, list[int]] = {"debit": [], "credit": [], "": []}
        for payment in self.inside(key):
            if payment.state == "approved":
                side[PAYMENTS[payment.kind].total].append(payment.amount_fen)
        sums = Sums(
            debit_count=len(side["debit"]),
            debit_fen=sum(side["debit"]),
            credit_count=len(side["credit"]),
            credit_fen=sum(side["credit"]),
        )
        inside = self.inside(key)
        pending = sum(p.state == "pending" for p in inside)
        return BatchSums(sums, pending, min((p.created_ms for p in inside), default=None))

    def batch(self, batch: str = BATCH, number: TerminalNo = OURS) -> Batch | None:
        return self.state.get(Batch, MERCHANT, number, BatchNo(batch))


def shop() -> Shop:
    world = Shop()
    world.sign_in()
    return world


def sold(*traces: str) -> Shop:
    """Signed in, with an approved sale of 128.50 for each trace number."""
    world = shop()
    for trace in traces:
        world.sale(trace)
        world.bank("00", trace)
    return world


def reply(decision: Decision) -> SettlementReply:
    return reply_of(decision, SettlementReply)


def code(decision: Decision) -> str:
    return reply_of(decision, PlainReply).response_code


def detail(trace: str, amount_fen: int = 12_850, card: str = CARD) -> Detail:
    return Detail(trace_no=TraceNo(trace), masked_pan=card, amount_fen=amount_fen)


TWO = Sums(debit_count=2, debit_fen=25_700)


def test_totals_that_agree_close_the_batch_at_once_and_the_next_one_begins() -> None:
    world = sold("000007", "000008")
    answered = reply(world.settle(TWO))
    assert (answered.response_code, answered.flag, answered.sums) == ("00", "1", TWO)
    batch = world.batch()
    assert batch is not None
    assert (batch.state, batch.outcome, batch.operator_no, batch.first_ms) == ("closed", "agreed", WANG, NOON)
    assert world.terminal().batch_no == "000002"
    assert world.live() == (), "the operator is signed off with it"
    assert world.record(1).reason == "settled"


def test_a_payment_after_it_needs_a_new_sign_in_and_the_new_batch() -> None:
    world = sold("000007")
    world.settle(Sums(debit_count=1, debit_fen=12_850))
    assert world.sale("000009").reason == "wrong_batch"
    assert world.sale("000009", batch="000002").reason == "no_session"


def test_settled_again_because_the_answer_was_lost_it_is_answered_the_same() -> None:
    world = sold("000007", "000008")
    first = reply(world.settle(TWO))
    again = world.settle(TWO)
    assert (reply(again), again.reason, again.changes) == (first, "settled_before", ())
    assert world.terminal().batch_no == "000002"


def test_totals_that_differ_get_the_hosts_own_and_the_batch_waits_for_its_details() -> None:
    world = sold("000007", "000008")
    answered = reply(world.settle(Sums(debit_count=2, debit_fen=25_701)))
    assert (answered.response_code, answered.flag, answered.sums) == ("00", "2", TWO)
    batch = world.batch()
    assert batch is not None
    assert (batch.state, batch.outcome, batch.told_debit_fen, batch.closed_ms) == ("uploading", "differs", 25_701, None)
    assert world.live(), "the operator is signed off when it is over"


def test_details_that_fit_make_it_agree_whatever_the_totals_were() -> None:
    world = sold("000007", "000008")
    world.settle(Sums(debit_count=9, debit_fen=1))
    assert code(world.upload(detail("000007"), detail("000008"))) == "00"
    assert code(world.upload(detail("000008"))) == "00"
    assert len(world.rows(BatchDetail)) == 2, "told again, it stays one"
    assert code(world.upload(is_end=True)) == "00"
    batch = world.batch()
    assert batch is not None
    assert (batch.state, batch.outcome, batch.details_count, batch.case_no) == ("closed", "agreed", 2, None)
    assert world.rows(BatchDifference) == []
    assert world.live() == ()


def told_differences(world: Shop) -> dict[str, tuple[str, int | None, int | None]]:
    return {row.trace_no: (row.what, row.host_amount_fen, row.told_amount_fen) for row in world.rows(BatchDifference)}


def test_each_difference_has_its_name_and_they_have_one_case() -> None:
    world = sold("000007", "000008", "000009", "000010", "000011")
    world.reverse("000011")
    world.settle(Sums())
    world.upload(
        detail("000008", 12_851),
        detail("000009", card="621700*********9999"),
        detail("000010"),
        detail("000011"),
        detail("000012", 300),
    )
    assert world.upload(is_end=True).reason == "batch_differs"
    assert told_differences(world) == {
        "000007": ("only_at_host", 12_850, None),
        "000008": ("amount_differs", 12_850, 12_851),
        "000009": ("card_differs", 12_850, 12_850),
        "000011": ("stands_not_at_host", None, 12_850),
        "000012": ("only_at_terminal", None, 300),
    }
    (case,) = world.rows(SupportCase)
    batch = world.batch()
    assert batch is not None
    assert (case.what, case.case_no, batch.case_no, batch.outcome) == ("settlement_differs", 1, 1, "differs")
    assert {row.host_state for row in world.rows(BatchDifference) if row.trace_no == "000011"} == {"reversed"}


def test_a_closed_batch_takes_no_details_and_its_end_is_answered_again() -> None:
    world = sold("000007")
    world.settle(Sums(debit_count=1, debit_fen=12_850))
    before = world.batch()
    late = world.upload(detail("000007"))
    assert (code(late), late.reason, late.changes) == ("00", "upload_of_a_closed_batch", ())
    assert code(world.upload(is_end=True)) == "00"
    assert world.batch() == before


def test_details_before_the_totals_are_refused() -> None:
    assert code(sold("000007").upload(detail("000007"))) == "22"


def test_what_the_bank_has_not_answered_keeps_a_batch_open() -> None:
    world = sold("000007")
    world.sale("000008")
    refused = world.settle(Sums(debit_count=1, debit_fen=12_850))
    assert (reply(refused).response_code, refused.reason) == ("09", "payments_at_the_bank")
    assert world.batch() is None


def test_what_is_decided_in_the_same_batch_of_requests_is_counted() -> None:
    world = shop()
    world.state.sums[KEY] = BatchSums(Sums(), 0, None)
    for trace, answer in (("000007", "51"), ("000008", "00")):
        world.sale(trace)
        assert world.state.sums[KEY].pending_count == 1
        world.bank(answer, trace)
        assert world.state.sums[KEY] == world.counted(KEY)
    world.reverse("000008")
    assert world.state.sums[KEY] == world.counted(KEY)
    assert world.state.sums[KEY].sums == Sums()


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"batch": "000002"}, ("77", "wrong_batch")),
        ({"operator_no": OperatorNo("02")}, ("77", "no_session")),
        ({"proof": "bad_mac"}, ("A0", "wrong_mac")),
        ({"proof": "line"}, ("A0", "mac_missing")),
        ({"proof": "nothing"}, ("A0", "mac_missing")),
        ({"number": TerminalNo("99999999")}, ("97", "unknown_terminal")),
    ],
)
def test_who_may_not_settle_changes_nothing(asked: dict[str, Any], refused: tuple[str, str]) -> None:
    world = sold("000007")
    decision = world.settle(Sums(debit_count=1, debit_fen=12_850), **asked)
    assert (reply(decision).response_code, decision.reason) == refused
    assert world.rows(Batch) == []
    assert world.terminal().batch_no == BATCH


def test_numbers_come_round_and_pass_over_a_batch_that_was_settled() -> None:
    world = shop()
    world.change(world.terminal(), batch_no=BatchNo("999999"))
    world.settle(Sums(), batch="999999")
    assert world.terminal().batch_no == "000001"
    settled = world.batch("999999")
    assert settled is not None
    world.put(replace(settled, batch_no=BatchNo("000001")))
    assert next_batch_no(world.state, (MERCHANT, OURS, BatchNo("999999"))) == "000002"


def test_the_shop_day_of_a_settlement_is_cut_where_policy_says() -> None:
    world = sold("000007")
    (merchant,) = world.rows(Merchant)
    world.change(merchant, policy_overrides='{"shop_day_starts_hour": 5}')
    world.now = UnixMs(NOON + 13 * HOUR_MS)
    sale = world.payment("000007")
    assert sale is not None
    assert reply(world.settle(Sums(debit_count=1, debit_fen=12_850))).shop_day == sale.shop_day


def test_a_terminal_of_another_maker_settles_without_a_mac_and_keeps_its_session() -> None:
    world = Shop()
    world.sign_on(FOREIGN, operator_no=WANG)
    world.sale("000007", number=FOREIGN, mac="next")
    world.bank("00", "000007", FOREIGN)
    answered = reply(world.settle(Sums(debit_count=1, debit_fen=12_850), number=FOREIGN, proof="line"))
    assert (answered.response_code, answered.flag) == ("00", "1")
    assert world.live(FOREIGN), "it signs off by itself"
    terminal: Terminal = world.terminal(FOREIGN)
    assert terminal.batch_no == "000002"


def test_a_terminal_that_is_to_settle_hears_so_with_its_heartbeat_until_it_has() -> None:
    world = sold("000007")
    assert Tag.ORDERS not in tags_of(world.status())
    world.change(world.terminal(), settle_batch_no=BatchNo(BATCH))
    assert tags_of(world.status())[Tag.ORDERS] == "settle"
    world.settle(Sums(debit_count=1, debit_fen=12_850))
    world.sign_in()
    assert Tag.ORDERS not in tags_of(world.status())


def test_a_session_that_a_badge_alone_began_settles_only_by_the_hosts_order() -> None:
    world = sold("000007")
    (session,) = world.live()
    world.change(session, proof="badge")
    told = Sums(debit_count=1, debit_fen=12_850)
    refused = world.settle(told)
    assert (reply(refused).response_code, refused.reason, world.terminal().batch_no) == (
        "57",
        "password_first:settle",
        BATCH,
    )
    world.change(world.terminal(), settle_batch_no=BATCH)
    assert reply(world.settle(told)).response_code == "00"

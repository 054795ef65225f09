"""Small stories about shops and terminals, one for each rule of the policy about them: days, settlement, self-check, payments, records."""

from collections.abc import Callable

from tests.worlds.acquirer_world import BATCH, FOREIGN, MERCHANT, NOON, OURS, WANG, code_of, tags_of
from tests.worlds.policy_stage import Stage, signed_in

from zhanggui.acquirer.operators.self_check import judge_self_check
from zhanggui.acquirer.payments.kinds import KINDS
from zhanggui.acquirer.payments.payment import PaymentAsked, decide_payment
from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.acquirer.proof.retention import forget_answer, months_before
from zhanggui.acquirer.rows.records import Batch, Document, Merchant, Payment, StoredAnswer
from zhanggui.acquirer.settlement.order import after_page, job_of
from zhanggui.acquirer.settlement.proof import trust_in
from zhanggui.acquirer.settlement.upload import due_of
from zhanggui.acquirer.slips.gathering import Gathering
from zhanggui.acquirer.slips.links import SlipAsked
from zhanggui.acquirer.slips.signatures import SignatureAsked, decide_signature
from zhanggui.basics.numbers import BatchNo, Rrn, TraceNo, UnixMs
from zhanggui.basics.spans import DAY_MS, HOUR_MS
from zhanggui.cup.messages.payment import Original, PaymentRequest
from zhanggui.cup.messages.signature import SignatureUpload
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock
from zhanggui.cup.values.parts import split, take
from zhanggui.cup.values.self_check import CHECK_ITEMS, read_self_check
from zhanggui.cup.values.slip import SlipLine
from zhanggui.cup.values.slip_link import SlipCopies, write_copies


def shop_day_of_a_sale(stage: Stage) -> object:
    seen = []
    for hours in range(25):
        world, _ = signed_in(stage)
        world.now = UnixMs(world.now + hours * HOUR_MS)
        world.sale()
        seen += [(payment.shop_day, payment.created_ms) for payment in world.rows(Payment)]
    return seen


def settled_by_itself(stage: Stage) -> object:
    """Through a day: whether a job is due, and how long it waits after its only page."""
    seen = []
    for hours in range(25):
        job = job_of(stage.policy, MERCHANT, UnixMs(NOON + hours * HOUR_MS))
        seen.append(job and after_page(job, stage.policy, (), 0, NOON))
    return seen


def told_to_the_terminal(stage: Stage) -> object:
    return tags_of(stage.world().verify())[Tag.RULES]


def drifting(stage: Stage) -> object:
    seen = []
    for drift_s in (0, 30, 59, 60, 61, 62, 299, 300, 301, 302, 3_601):
        tags = {Tag.TERMINAL_CLOCK: write_clock(UnixMs(NOON + drift_s * 1000))}
        seen.append(code_of(stage.world().verify(tags=tags)))
    return seen


# ── self-check, records ──────────────────────────────────────────────────────


def failed(item: str) -> Callable[[Stage], object]:
    evidence = ",".join(f"{known}:{'fail:reason' if known == item else 'ok'}" for known in CHECK_ITEMS)
    return lambda stage: judge_self_check(stage.policy, read_self_check(evidence))


def silent_terminals(stage: Stage) -> object:
    """Sign-ins with a part of the evidence left out."""
    seen = []
    for told in ({Tag.SELF_CHECK: ""}, {Tag.SELF_CHECK: "power:ok"}, {Tag.EYES: ""}, {Tag.TERMINAL_CLOCK: ""}, {}):
        decision = stage.world().verify(tags=told)
        seen.append((code_of(decision), tags_of(decision).get(Tag.REASON)))
    return seen


def upload_end(stage: Stage) -> object:
    batch = Batch(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        state="uploading",
        outcome="differs",
        shop_day="2026-11-23",
        debit_count=0,
        debit_fen=0,
        credit_count=0,
        credit_fen=0,
        settled_ms=NOON,
    )
    return due_of(batch, stage.policy)


def answers_kept(stage: Stage) -> object:
    """For how many days an answer of an earlier batch is still there."""
    answer = StoredAnswer(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BatchNo("000009"),
        trace_no=TraceNo("000001"),
        message_class="401",
        fingerprint=b"f",
        response_code="00",
        tags=b"t",
        made_ms=NOON,
    )
    state = stage.world().state
    return [forget_answer(state, answer, UnixMs(NOON + days * DAY_MS)) is None for days in range(40)]


def kept_until(stage: Stage) -> object:
    return months_before(NOON, stage.policy.record_months)


def request_of(kind: str, amount_fen: int) -> PaymentRequest:
    return PaymentRequest(
        kind=kind,
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        trace_no=TraceNo("000009"),
        entry_mode="021",
        amount_fen=amount_fen,
        operator_no=WANG,
        pan=None,
        original=Original(batch_no=BATCH, trace_no=TraceNo("000007")),
    )


def completions(stage: Stage) -> object:
    """What is taken of 100.00 that was held, by share and by age."""
    find = KINDS["completion"].find_original
    assert find is not None
    world = stage.world()
    held = Payment(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        trace_no=TraceNo("000007"),
        kind="preauth",
        state="approved",
        fingerprint=b"",
        amount_fen=100_00,
        rrn=Rrn("000000000007"),
        created_ms=NOON,
    )
    world.put(held)
    asked = [(percent * 100, 0) for percent in range(98, 120)] + [(100_00, day) for day in range(40)]
    return [
        type(find(world.state, request_of("completion", fen), b"", UnixMs(NOON + day * DAY_MS + 1))).__name__
        for fen, day in asked
    ]


def refunds(stage: Stage) -> object:
    """Why refunds around the limit are refused, of a payment that is not there."""
    world, _ = signed_in(stage)
    found = []
    for amount_fen in (9_999_998, 9_999_999, 10_000_000, 10_000_001, 10_000_002):
        asked = PaymentAsked(
            request=request_of("refund", amount_fen),
            mac="current",
            fingerprint=b"",
            card_hash=b"",
            rrn=Rrn("000000000009"),
            acquirer_code="08888888",
        )
        found.append(decide_payment(world.state, asked, world.now).reason)
    return found


def signatures(stage: Stage) -> object:
    """Until when the signature of a sale is kept."""
    world, _ = signed_in(stage)
    world.sale()
    world.bank("00")
    (sold,) = world.rows(Payment)
    upload = SignatureUpload(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=sold.batch_no,
        trace_no=sold.trace_no,
        amount_fen=sold.amount_fen,
        rrn=sold.rrn,
        content=b"signed",
    )
    asked = SignatureAsked(upload=upload, verdict="current", fitting=None, document_id="d1", sealed=b"sealed")
    world.took(decide_signature(world.state, asked, world.now))
    return [document.until_ms - document.kept_ms for document in world.rows(Document)]


def slips_by_link(stage: Stage) -> object:
    """Until when a customer finds the slip of a sale."""
    world, _ = signed_in(stage)
    world.sale()
    world.bank("00")
    (sold,) = world.rows(Payment)
    lines = (SlipLine("text", sold.masked_pan), SlipLine("text", sold.rrn))
    content = write_copies(SlipCopies(zh=lines, en=lines))
    (part,) = split("slip", content)
    upload = SignatureUpload(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=sold.batch_no,
        trace_no=sold.trace_no,
        amount_fen=sold.amount_fen,
        rrn=sold.rrn,
        part=part,
    )
    slip = SlipAsked(
        upload=upload,
        gathering=Gathering("parts", take(None, part), b""),
        document_id="d1",
        has_phone_page=True,
        content=content,
        sealed=b"sealed",
    )
    world.took(
        decide_signature(
            world.state, SignatureAsked(upload=upload, verdict="current", fitting=None, slip=slip), world.now
        )
    )
    return [document.until_ms - document.kept_ms for document in world.rows(Document)]


def totals_without_a_mac(stage: Stage) -> object:
    """How far totals without a MAC are believed, from another maker's terminal on either line."""
    world, _ = signed_in(stage)
    merchant = world.state.get(Merchant, MERCHANT)
    assert merchant is not None
    policy = policy_of(merchant.policy, merchant.policy_overrides)
    return [trust_in(world.terminal(FOREIGN), policy, proof) for proof in ("line", "nothing")]

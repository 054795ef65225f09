"""A database of any size for benches: shops full of sign-ins and payments, one shop a transaction, through the one door.

Each shop follows from its number alone, and how many shops are done stands in the same transaction as the shop: so an interrupted
making goes on where it was, and the rows are the same ones. Nobody can work with what is made: terminals have no key and operators no
password. Books balance and chains verify, as of any other rows. Most of what is made went well; some sign-ins and payments were refused,
and some payments came by code, so that every filter of a list finds something.
"""

from collections.abc import Callable, Iterator
from functools import partial

import msgspec
from msgspec.structs import replace

from ...acquirer.money.entries import post
from ...acquirer.payments.answers import write_answer
from ...acquirer.payments.kinds import KINDS
from ...acquirer.rows.records import (
    WHOLE_HOST,
    Counter,
    Merchant,
    Operator,
    Payment,
    Session,
    SignIn,
    Terminal,
)
from ...acquirer.rows.state import Change, Insert, Needs, Update
from ...basics.errors import Misuse
from ...basics.numbers import (
    BatchNo,
    MerchantNo,
    OperatorNo,
    RecordNo,
    Rrn,
    SessionNo,
    TerminalNo,
    TraceNo,
    UnixMs,
)
from ...basics.shop_day import shop_day
from ...basics.spans import DAY_MS, HOUR_MS, MINUTE_MS
from ...cup.messages.head import host_time
from ...cup.messages.payment import PaymentAnswer
from ...host.commit import Door, Sheet
from .dice import Dice, dice_of

PER_SHOP = 2_000
"""Payments, and sign-ins, of one shop at most: some ten thousand rows in a transaction."""
SHOPS_MAX = 9_999
TERMINALS = 4
CASHIERS = 6
DAYS = 60
"""The days over which a shop's history is spread."""
AHEAD_MS = 8 * HOUR_MS
"""China's clocks before those that instants are counted by."""
SALT_BYTES, VERIFIER_BYTES, HASH_BYTES = 16, 32, 16
SALE, BY_CODE = KINDS["sale"], KINDS["qr_sale"]
CODE_SHARE, DECLINED_SHARE, REFUSED_EVERY = 0.12, 0.03, 50
DECLINED = ("51", "55", "61")
WRONG_PASSWORD = "wrong_password"  # noqa: S105  # a reason
VOUCHER_HEAD = "620126"
OPENS_MS, OPEN_MS = 8 * HOUR_MS, 14 * HOUR_MS
DONE, PAYMENTS, SIGN_INS, UNTIL = "bench_data", "bench_data_payments", "bench_data_sign_ins", "bench_data_until"
"""Counters of the whole host: shops that are done, and what was asked for."""
COUNTERS = (DONE, PAYMENTS, SIGN_INS, UNTIL)


class LargePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What to make. The history ends at `until_ms`: at a midnight of China, or within a day, which then is the last one."""

    payments: int
    sign_ins: int
    until_ms: UnixMs
    seed: int = 1

    def __post_init__(self) -> None:
        if self.payments < 0 or self.sign_ins < 0 or not self.payments + self.sign_ins:
            raise Misuse("give a number of payments or of sign-ins to make")
        if self.shops > SHOPS_MAX:
            raise Misuse(f"at most {SHOPS_MAX * PER_SHOP:,} payments and as many sign-ins can be made")

    @property
    def shops(self) -> int:
        """Shops that hold all of it."""
        return -(-max(self.payments, self.sign_ins) // PER_SHOP)

    def share(self, whole: int, shop: int) -> int:
        """How many of `whole` the shop of this place (from 0) has."""
        return min(PER_SHOP, max(0, whole - shop * PER_SHOP))

    @property
    def begin_ms(self) -> int:
        """The midnight with which it begins."""
        return self.until_ms - self.last_day_ms - (DAYS - 1) * DAY_MS

    @property
    def last_day_ms(self) -> int:
        """How long its last day is."""
        return (self.until_ms + AHEAD_MS) % DAY_MS or DAY_MS

    def instant(self, number: int, whole: int) -> int:
        """An instant between eight and twenty-two o'clock, in the order of the numbers; on a last day that is cut, before its end."""
        day, left = divmod(number * DAYS, whole)
        opens, is_open = (OPENS_MS, OPEN_MS)
        if day == DAYS - 1 and self.last_day_ms < opens + is_open:
            opens, is_open = self.last_day_ms // 3, self.last_day_ms // 2
        return self.begin_ms + day * DAY_MS + opens + left * is_open // whole


Told = Callable[[int, int], None]
"""Hears of each shop that is durable: how many are, and of how many."""


async def make_large(plan: LargePlan, door: Door, told: Told) -> int:
    """Make what is not there yet; the answer is the number of shops made now. Misuse when another size was begun in this database."""
    begun, until_ms = await door.commit(_counters(), partial(_begin, plan))
    # Whoever goes on tomorrow goes on with today's midnight: the rows are those of one making.
    plan = replace(plan, until_ms=until_ms)
    told(begun, plan.shops)
    for shop in range(begun, plan.shops):
        await door.commit(_shop_needs(shop), partial(_put_down, plan, shop))
        told(shop + 1, plan.shops)
    return plan.shops - begun


def _counters() -> Needs:
    return Needs({Counter: [(WHOLE_HOST, name) for name in COUNTERS]})


def _begin(plan: LargePlan, sheet: Sheet) -> tuple[int, UnixMs]:
    """How many shops are done and where their history ends; a new making notes what was asked for."""
    asked = {DONE: 0, PAYMENTS: plan.payments, SIGN_INS: plan.sign_ins, UNTIL: plan.until_ms}
    found = (sheet.state.get(Counter, WHOLE_HOST, name) for name in COUNTERS)
    kept = {counter.name: counter.value for counter in found if counter is not None}
    if not kept:
        sheet.take([Insert(Counter(merchant_no=WHOLE_HOST, name=name, value=asked[name])) for name in COUNTERS])
        return 0, plan.until_ms
    if (kept[PAYMENTS], kept[SIGN_INS]) != (plan.payments, plan.sign_ins):
        raise Misuse(
            f"this database was begun with --payments {kept[PAYMENTS]} --sign-ins {kept[SIGN_INS]}; "
            "go on with those, or make a new data folder"
        )
    return kept[DONE], UnixMs(kept[UNTIL])


def _shop_needs(shop: int) -> Needs:
    needs = _counters()
    for place in range(TERMINALS):
        needs.add(Terminal, (_merchant_no(shop), _terminal_no(shop, place)))
    return needs


def _put_down(plan: LargePlan, shop: int, sheet: Sheet) -> None:
    """One shop with all that it has, and that it is done."""
    sheet.take(shop_changes(plan, shop))
    sheet.take((Update(Counter(merchant_no=WHOLE_HOST, name=DONE, value=shop + 1)),))


def shop_changes(plan: LargePlan, shop: int) -> list[Change]:
    """The rows of one shop, in the order in which they came about."""
    dice = dice_of(plan.seed, f"large {shop}")
    merchant_no, begin_ms = _merchant_no(shop), plan.begin_ms
    sign_ins, payments = plan.share(plan.sign_ins, shop), plan.share(plan.payments, shop)
    changes: list[Change] = [
        Insert(Merchant(merchant_no=merchant_no, name=f"掌柜大数据{shop + 1:04d}", created_ms=UnixMs(begin_ms))),
        *(Insert(_terminal(shop, place, begin_ms)) for place in range(TERMINALS)),
        *(Insert(_operator(merchant_no, number, begin_ms, dice)) for number in range(1, CASHIERS + 1)),
    ]
    for number in range(sign_ins):
        changes += _sign_in(shop, number, plan.instant(number, sign_ins), dice)
    changes += (Insert(Counter(merchant_no=merchant_no, name=name, value=sign_ins)) for name in ("sign_in", "session"))
    for number in range(payments):
        at_ms = plan.instant(number, payments)
        changes += _payment(shop, number, shop * PER_SHOP + number, at_ms, dice, sign_ins)
    return changes


def _merchant_no(shop: int) -> MerchantNo:
    return MerchantNo(f"10210005412{shop + 1:04d}")


def _terminal_no(shop: int, place: int) -> TerminalNo:
    return TerminalNo(f"L{shop * TERMINALS + place + 1:07d}")


def _terminal(shop: int, place: int, begin_ms: int) -> Terminal:
    return Terminal(
        merchant_no=_merchant_no(shop),
        terminal_no=_terminal_no(shop, place),
        model="smart",
        place=f"{place + 1}号台",
        dialect="unionpay",
        operator_check="host",
        master_key="",
        created_ms=UnixMs(begin_ms),
    )


def _operator(merchant_no: MerchantNo, number: int, begin_ms: int, dice: Dice) -> Operator:
    # Chance, not the verifier of any password: nobody can sign in with it.
    return Operator(
        merchant_no=merchant_no,
        operator_no=OperatorNo(f"{number:02d}"),
        name=f"收银员{number}",
        role="cashier",
        salt=dice.bytes(SALT_BYTES),
        verifier=dice.bytes(VERIFIER_BYTES),
        factory_password=0,
        password_set_ms=UnixMs(begin_ms),
    )


def _sign_in(shop: int, number: int, at_ms: int, dice: Dice) -> Iterator[Change]:
    merchant_no, terminal_no = _merchant_no(shop), _terminal_no(shop, number % TERMINALS)
    operator_no = OperatorNo(f"{number % CASHIERS + 1:02d}")
    confirmed_ms, ended_ms = UnixMs(at_ms + dice.whole(3_000, 9_000)), UnixMs(at_ms + 20 * MINUTE_MS)
    if _is_refused(number):
        yield Insert(
            SignIn(
                merchant_no=merchant_no,
                record_no=RecordNo(number + 1),
                terminal_no=terminal_no,
                operator_no=operator_no,
                operator_name=f"收银员{number % CASHIERS + 1}",
                state="refused",
                reason=WRONG_PASSWORD,
                began_ms=UnixMs(at_ms),
                elapsed_ms=dice.whole(3_000, 12_000),
                terminal_clock_ms=UnixMs(at_ms),
                drift_s=0,
            )
        )
        return
    yield Insert(
        SignIn(
            merchant_no=merchant_no,
            record_no=RecordNo(number + 1),
            terminal_no=terminal_no,
            operator_no=operator_no,
            operator_name=f"收银员{number % CASHIERS + 1}",
            state="ended",
            reason="signed_out:asked",
            began_ms=UnixMs(at_ms),
            verified_ms=UnixMs(at_ms + 40),
            confirmed_ms=confirmed_ms,
            ended_ms=ended_ms,
            elapsed_ms=dice.whole(3_000, 12_000),
            terminal_clock_ms=UnixMs(at_ms),
            drift_s=0,
            session_no=number + 1,
        )
    )
    yield Insert(
        Session(
            merchant_no=merchant_no,
            session_no=SessionNo(number + 1),
            terminal_no=terminal_no,
            operator_no=operator_no,
            record_no=RecordNo(number + 1),
            kind="verified",
            opened_ms=confirmed_ms,
            ended_ms=ended_ms,
            end_reason="signed_out:asked",
        )
    )


def _is_refused(number: int) -> bool:
    """Whether the sign-in of this place (from 0) was refused."""
    return number % REFUSED_EVERY == REFUSED_EVERY - 1


def _session_no(number: int) -> int:
    """The session of a sign-in; of a refused one, that of the one before it."""
    return number if _is_refused(number) else number + 1


def _payment(shop: int, number: int, count: int, at_ms: int, dice: Dice, sign_ins: int) -> Iterator[Change]:
    """A sale by card or code: asked for, answered, posted where it was approved, as the machine of payments wants it."""
    rrn = Rrn(f"9{count:011d}")
    decided_ms = UnixMs(at_ms + dice.whole(20, 900))
    is_by_code, is_declined = dice.happens(CODE_SHARE), dice.happens(DECLINED_SHARE)
    kind = BY_CODE if is_by_code else SALE
    answer = PaymentAnswer(
        time=host_time(decided_ms),
        rrn=rrn,
        response_code=dice.pick(DECLINED) if is_declined else "00",
        settlement_date=host_time(decided_ms).field_13,
        acquirer_code="08888888",
        auth_code="" if is_declined else f"{dice.below(1_000_000):06d}",
        issuer="掌柜银行",
        acquirer="掌柜收单",
    )
    tail = f"{dice.below(10_000):04d}"
    pending = Payment(
        merchant_no=_merchant_no(shop),
        terminal_no=_terminal_no(shop, number % TERMINALS),
        batch_no=BatchNo("000001"),
        trace_no=TraceNo(f"{number // TERMINALS + 1:06d}"),
        kind=kind.row.name,
        state="pending",
        fingerprint=dice.bytes(HASH_BYTES),
        amount_fen=dice.whole(1, 200_000),
        masked_pan=f"621700********{tail}" if is_by_code else f"621700*********{tail}",
        card_hash=b"" if is_by_code else dice.bytes(HASH_BYTES),
        entry_mode="031" if is_by_code else "051",
        operator_no=f"{number % CASHIERS + 1:02d}",
        session_no=_session_no(number % sign_ins) if sign_ins else None,
        rrn=rrn,
        created_ms=UnixMs(at_ms),
        shop_day=shop_day(UnixMs(at_ms), 0),
    )
    decided = replace(
        pending,
        state="declined" if is_declined else "approved",
        response_code=answer.response_code,
        auth_code=answer.auth_code,
        issuer=answer.issuer,
        answer=write_answer(answer),
        decided_ms=decided_ms,
        pay_voucher=f"{VOUCHER_HEAD}{count:014d}" if is_by_code and not is_declined else None,
    )
    yield Insert(pending)
    yield Update(decided)
    if not is_declined:
        yield from post(decided, kind.postings, decided_ms)

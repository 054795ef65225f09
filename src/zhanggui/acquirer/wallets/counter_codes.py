"""The code on the counter beside a terminal (台牌): put there, withdrawn, and what it says.

It is one text for all wallets, as EMV lays out a static code (`cup/qr/merchant_code.py`): the shop, the terminal, no amount. Nothing of
it is secret: whoever copies it can only pay the shop.
"""

from msgspec.structs import replace

from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from ...cup.qr.merchant_code import CITY_MAX, NAME_MAX, NETWORK_DIGITS, MerchantCode
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.records import Counter, CounterCode, Merchant, Terminal
from ..rows.state import Insert, Needs, State, Update

RIGHT = "counter_code"
CATEGORY_DIGITS = 4


def code_needs(merchant_no: MerchantNo, terminal_no: TerminalNo) -> Needs:
    """The rows of both acts."""
    key = (merchant_no, terminal_no)
    return Needs({Terminal: [key], CounterCode: [key], Counter: [(merchant_no, "note")]})


def decide_put_code(
    state: State,
    merchant_no: MerchantNo,
    terminal_no: TerminalNo,
    said: tuple[str, str],
    by: Actor,
    now: UnixMs,
) -> Decision:
    """From now on customers may pay by it. `said`: category (MCC) and city, as the code says them."""
    if not may_manage(by, RIGHT):
        return Decision(reason=NOT_PERMITTED)
    terminal = state.get(Terminal, merchant_no, terminal_no)
    if terminal is None:
        return Decision(reason="unknown_terminal")
    if terminal.operator_check != "host":
        # Another maker's takes no orders, so it would never hear of a payment.
        return Decision(reason="not_our_terminal")
    category, city = said
    if not (category.isascii() and category.isdigit() and len(category) == CATEGORY_DIGITS):
        return Decision(reason="counter_code_wrong")
    if not (0 < len(city) <= CITY_MAX and city.isprintable()):
        return Decision(reason="counter_code_wrong")
    before = state.get(CounterCode, merchant_no, terminal_no)
    if before is not None and before.state == "active":
        return Decision(reason="counter_code_exists")
    code = CounterCode(
        merchant_no=merchant_no,
        terminal_no=terminal_no,
        category=category,
        city=city,
        made_ms=now,
        billed_ms=before.billed_ms if before is not None else now,
        withdrawn_ms=before.withdrawn_ms if before is not None else None,
    )
    note = noted(state, merchant_no, by, RIGHT, terminal_no, "put", now)
    return Decision(changes=(Insert(code) if before is None else Update(code), *note))


def decide_withdraw_code(
    state: State, merchant_no: MerchantNo, terminal_no: TerminalNo, by: Actor, now: UnixMs
) -> Decision:
    """Wallets give back what is still paid by it. What came before goes on to the terminal."""
    if not may_manage(by, RIGHT):
        return Decision(reason=NOT_PERMITTED)
    code = state.get(CounterCode, merchant_no, terminal_no)
    if code is None or code.state != "active":
        return Decision(reason="unknown_counter_code")
    note = noted(state, merchant_no, by, RIGHT, terminal_no, "withdrawn", now)
    return Decision(changes=(Update(replace(code, state="withdrawn", withdrawn_ms=now)), *note))


def text_of_code(merchant: Merchant, code: CounterCode, acquirer_code: str) -> str:
    """What the code says.

    >>> from zhanggui.acquirer.rows.records import CounterCode, Merchant
    >>> shop = Merchant(merchant_no="102100058120001", name="掌柜便利店", created_ms=0)
    >>> code = CounterCode(merchant_no=shop.merchant_no, terminal_no="10000001", category="5411", city="上海", made_ms=0, billed_ms=0)
    >>> text_of_code(shop, code, "08888888")[:51]
    '000201010211153108888888088888881021000581200015204'
    """
    network = acquirer_code.rjust(NETWORK_DIGITS // 2, "0")[-NETWORK_DIGITS // 2 :] * 2
    return MerchantCode(
        network=network,
        merchant_no=merchant.merchant_no,
        category=code.category,
        name=merchant.name[:NAME_MAX],
        city=code.city,
        terminal_no=code.terminal_no,
    ).write()

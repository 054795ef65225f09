"""Messages that anybody can send, because no terminal puts a MAC on them: a sign-off (002) and a 0800 end nothing and block nothing."""

from collections.abc import Callable, Iterator

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.foreign_terminal import Line
from tests.worlds.our_terminal import BATCH, VERIFY, Counter, WrongMac

from zhanggui.acquirer.terminals.waiting_keys import KEYS_WAIT_MS
from zhanggui.basics.numbers import TraceNo
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import unwrap, wrap
from zhanggui.cup.messages.management import SIGN_ON_SINGLE, SignOnRequest, management_request
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.transactions import CATALOGUE
from zhanggui.iso8583.message import Message

WANG = PASSWORDS["01"]
OpenShop = Callable[..., Shop]


class Stranger:
    """Knows merchant and terminal number, which stand on every slip, and nothing else."""

    def __init__(self, line: Line, victim: Counter) -> None:
        self._line = line
        self._victim = victim
        self._trace = 500_000

    def sign_off(self) -> str:
        """002; the answer's code."""
        return self._send(
            management_request(
                CATALOGUE["sign_off"], self._victim.merchant_no, self._victim.terminal_no, BATCH, self._next_trace()
            )
        )

    def sign_on(self, network_code: str = "003") -> str:
        """0800; the answer's code."""
        request = SignOnRequest(
            merchant_no=self._victim.merchant_no,
            terminal_no=self._victim.terminal_no,
            batch_no=BATCH,
            trace_no=self._next_trace(),
            network_code=network_code,
        )
        return self._send(request.message())

    def _next_trace(self) -> TraceNo:
        self._trace += 1
        return TraceNo(f"{self._trace:06d}")

    def _send(self, message: Message) -> str:
        answer = self._line.ask(wrap(UNIONPAY, UNIONPAY.codec.encode(message)))
        return str(UNIONPAY.codec.decode(unwrap(UNIONPAY, answer).body).fields[39])


@pytest.fixture
def line(shop: Shop) -> Iterator[Line]:
    """A line of the stranger's own."""
    with Line("127.0.0.1", shop.floor.port) as connected:
        yield connected


@pytest.mark.parametrize("policy", ["refuse", "take_over"])
def test_a_strangers_sign_off_ends_no_session_and_opens_no_way_around_the_policy(
    open_shop: OpenShop, line: Line, policy: str
) -> None:
    shop = open_shop(duplicate=policy)
    there, here = shop.terminals
    assert there.sign_in("01", WANG).code == "00"
    assert Stranger(line, there).sign_off() == "00"
    assert here.verify("01", WANG).code == "P6"
    assert there.sell("01").code == "00"
    assert [session.end_reason for session in shop.sessions] == [""]
    assert there.sign_out("01").code == "00", "its own sign-out has a MAC"
    assert here.sign_in("01", WANG).code == "00"


def test_a_strangers_0800_between_the_terminals_own_and_the_password_blocks_nobody(shop: Shop, line: Line) -> None:
    at = shop.terminals[0]
    stranger = Stranger(line, at)
    for _ in range(5):
        stranger.sign_on()
        at.get_keys()
        for _ in range(3):
            shop.clock.advance(s=30)
            assert stranger.sign_on() == "00"
        assert at.sign_in("01", WANG).code == "00"
        assert stranger.sign_on() == "00"
        assert at.sell("01").code == "00"
    assert len({record.record_no for record in shop.records}) == 5


def test_only_keys_that_wait_longer_than_a_day_make_room_for_new_ones(shop: Shop, line: Line) -> None:
    at = shop.terminals[0]
    stranger = Stranger(line, at)
    at.get_keys()
    assert stranger.sign_on(SIGN_ON_SINGLE) == "00"
    shop.clock.advance(s=KEYS_WAIT_MS / 1000 - 1)
    assert stranger.sign_on() == "00"
    assert at.ask(at.operator(VERIFY, "01", {}, WANG)).code == "00"
    at.get_keys()
    shop.clock.advance(s=KEYS_WAIT_MS / 1000)
    stranger.sign_on()
    with pytest.raises(WrongMac):
        at.ask(at.operator(VERIFY, "01", {}, WANG))
    at.get_keys()
    assert at.sign_in("01", WANG)[Tag.SESSION_NO] == "1", "the next 0800 puts it right"


def test_a_restart_of_the_terminal_in_between_brings_the_same_keys(shop: Shop) -> None:
    at = shop.terminals[0]
    at.get_keys()
    assert at.keys is not None
    first = at.keys.field_62
    at.hang_up()
    at.get_keys()
    assert at.keys.field_62 == first
    assert at.sign_in("01", WANG).code == "00"
    at.get_keys()
    assert at.keys.field_62 != first, "keys that were used are not given again"

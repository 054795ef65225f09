"""When a terminal was last heard of, by this host or by another one of the same acquirer."""

from zhanggui.acquirer.leases import Leases
from zhanggui.acquirer.records import Heard
from zhanggui.basics.numbers import MerchantNo, TerminalNo, UnixMs

SHOP, FIRST, SECOND = MerchantNo("102100058120001"), TerminalNo("10000001"), TerminalNo("10000002")


def heard(at_ms: int, terminal: TerminalNo = FIRST) -> Heard:
    return Heard(merchant_no=SHOP, terminal_no=terminal, heard_ms=UnixMs(at_ms))


def test_a_terminal_that_was_not_heard_since_the_start_is_silent_since_the_start() -> None:
    leases = Leases(UnixMs(1_000))
    assert leases.silent_ms((SHOP, FIRST), UnixMs(1_500)) == 500
    leases.hear((SHOP, FIRST), UnixMs(1_400))
    assert leases.silent_ms((SHOP, FIRST), UnixMs(1_500)) == 100
    assert leases.silent_ms((SHOP, SECOND), UnixMs(1_500)) == 500


def test_the_later_of_both_hosts_counts() -> None:
    leases = Leases(UnixMs(1_000), shared=True)
    leases.hear((SHOP, FIRST), UnixMs(1_400))
    assert leases.silent_ms((SHOP, FIRST), UnixMs(2_000), heard(1_900)) == 100
    assert leases.silent_ms((SHOP, FIRST), UnixMs(2_000), heard(1_100)) == 600
    assert leases.silent_ms((SHOP, SECOND), UnixMs(2_000), heard(400, SECOND)) == 1_000, "never before this host began"


def test_each_host_tells_once_whom_it_heard_and_a_lone_host_tells_nobody() -> None:
    leases, alone = Leases(UnixMs(0), shared=True), Leases(UnixMs(0))
    for at_ms in (10, 20):
        leases.hear((SHOP, FIRST), UnixMs(at_ms))
        alone.hear((SHOP, FIRST), UnixMs(at_ms))
    leases.hear((SHOP, SECOND), UnixMs(15))
    assert leases.take_untold() == [heard(20), heard(15, SECOND)]
    assert leases.take_untold() == alone.take_untold() == []

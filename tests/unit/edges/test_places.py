"""Who has to go when more peers come than there are places: never one that is proven for one that is not."""

from zhanggui.edges import places as module
from zhanggui.edges.places import Places, Standing


class Peer:
    """A line of an address."""

    def __init__(self, address: str, heard_s: float = 0.0) -> None:
        self.address = address
        self.standing: Standing = "silent"
        self.heard_s = heard_s
        self.ended_s: float | None = None


def come(places: Places, address: str, standing: Standing = "silent") -> Peer:
    peer = Peer(address)
    assert places.admit(peer)[0]
    if standing != "silent":
        places.spoke(peer)
    if standing == "proven":
        places.proved(peer)
    return peer


def test_silent_lines_go_before_those_that_spoke_and_the_oldest_first() -> None:
    places = Places(6)
    spoke, first, second = come(places, "a", "spoken"), come(places, "b"), come(places, "c")
    for address in "def":
        come(places, address)
    assert places.admit(Peer("g")) == (True, first)
    assert places.admit(Peer("h")) == (True, second)
    assert spoke in list(places)


def test_a_line_that_was_heard_again_stays_longer_than_one_that_was_not() -> None:
    places = Places(4)
    peers = [come(places, address, "spoken") for address in "abcd"]
    places.spoke(peers[0])
    assert places.admit(Peer("e")) == (True, peers[1])


def test_a_proven_line_goes_for_nobody() -> None:
    places = Places(4)
    proven = [come(places, address, "proven") for address in "abcd"]
    assert places.admit(Peer("e")) == (False, None)
    places.forget(proven[0])
    assert places.admit(Peer("e")) == (True, None)


def test_who_has_a_network_of_addresses_has_the_share_of_one() -> None:
    network = "2001:db8:1:2::"
    places = Places(8)
    mine = [come(places, f"{network}{last}") for last in range(4)]
    places.spoke(mine[1])
    other = come(places, "2001:db8:1:3::1")
    assert places.admit(Peer(f"{network}ff")) == (True, mine[0])
    assert other in list(places)
    for guest in list(places):
        places.forget(guest)
    assert [places.admit(Peer(f"{network}{last}")) for last in range(4)] == [(True, None)] * 4


def test_one_address_has_its_share_and_makes_room_among_its_own() -> None:
    places = Places(8)
    mine = [come(places, "stranger") for _ in range(4)]
    other = come(places, "terminal")
    assert places.admit(Peer("stranger")) == (True, mine[0])
    assert other in list(places)
    assert len(places) == 5


def test_an_address_whose_lines_are_all_proven_gets_no_more_than_its_share() -> None:
    places = Places(4)
    for _ in range(2):
        come(places, "a", "proven")
    assert places.admit(Peer("a")) == (False, None)
    assert places.admit(Peer("b")) == (True, None)


def test_what_is_gone_is_forgotten_once_and_leaves_its_place() -> None:
    places = Places(2)
    peer = come(places, "a")
    places.forget(peer)
    places.forget(peer)
    places.spoke(peer)
    assert len(places) == 0
    assert places.admit(Peer("a")) == (True, None)


def test_lines_whose_time_is_over_are_named_with_the_reason() -> None:
    places = Places(10)
    silent, spoke, proven, ended = (
        come(places, "a"),
        come(places, "b", "spoken"),
        come(places, "c", "proven"),
        come(places, "d", "spoken"),
    )
    ended.ended_s = 10.0
    assert places.overdue(module.SILENT_S - 1) == []
    assert places.overdue(module.SILENT_S) == [(silent, "said nothing")]
    now_s = 10.0 + module.ENDED_S
    assert (ended, "ended, and an answer never came") in places.overdue(now_s)
    spoke.heard_s = 1.0
    assert {guest for guest, reason in places.overdue(module.IDLE_S) if reason == "idle"} == {proven}

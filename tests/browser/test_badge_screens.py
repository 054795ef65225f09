"""The screens that a badge leads to, by pointer and by keyboard alone, on all three models: what is to be read there, and axe on each."""

from collections.abc import Callable

import msgspec
import pytest
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk, Hand, Keyboard, Pointer
from tests.browser.looking import Looker
from tests.browser.test_pages_and_keys import scan
from tests.browser.test_sign_in_badge import command
from tests.worlds.browser_shop import Shop

CARDS: dict[str, str] = {}
"""Of the badge that counts and of the one before: the text, and the card's id."""
PASSWORD = "0000"


@pytest.fixture(scope="module")
def shop(make_shop: Callable[[], Shop]) -> Shop:
    """A shop whose 01 has a badge that takes the password beside it, and an old one."""
    made = make_shop()
    for name in ("old", "new"):
        card = made.folder / "cards" / f"zz-{name}.json"
        command(made.folder, "operators", "badge", "01", "--card", str(card))
        found = msgspec.json.decode(card.read_bytes())
        CARDS.update({f"{name}_text": found["badge"], name: found["id"]})
    return made.open()


@pytest.fixture(autouse=True)
def nobody_elsewhere(shop: Shop) -> None:
    """Each test begins with 01 signed in nowhere."""
    command(shop.folder, "operators", "sign-out", "01", check=False)


def show(desk: Desk, hand: Hand, which: str) -> None:
    """A staff card by pointer, a code under the scanner by keyboard."""
    if isinstance(hand, Pointer):
        hand.show_card(CARDS[which], "tap")
    else:
        scan(desk, CARDS[f"{which}_text"])


def wait_for_code(desk: Desk, code: str) -> None:
    """Until the screen has this code; on four lines it may be on a page that is not up."""
    for _ in range(100):
        if desk.screens_received[-1].get("code") == code:
            return
        desk.page.wait_for_timeout(100)
    raise AssertionError(f"no screen with {code}")


def look(desk: Desk, hand: Hand, looker: Looker) -> None:
    """The screens are the same, whoever came there: one pair of eyes does."""
    if isinstance(hand, Pointer):
        looker.look()
        desk.choose_lang("zh")
    assert looker.faults == []


def tells_no_secret(desk: Desk) -> bool:
    """Whether nothing of what is behind the badges' numbers came to the page."""
    told = "".join(desk.received) + desk.page.content()
    return not any(CARDS[f"{which}_text"][12:] in told for which in ("old", "new"))


by_all_hands = pytest.mark.parametrize("hand_of", [Pointer, Keyboard])
on_all_models = pytest.mark.parametrize("number", ["10000001", "10000002", "10000003"])


@by_all_hands
@on_all_models
def test_a_badge_and_four_digits_lead_to_the_facts_and_on(
    open_desk: OpenDesk, number: str, hand_of: type[Pointer] | type[Keyboard]
) -> None:
    desk = open_desk(number)
    hand, looker = hand_of(desk), Looker(desk)
    desk.shows("sign_in_number")
    show(desk, hand, "new")
    desk.shows("sign_in_password")
    desk.says("工牌")
    look(desk, hand, looker)
    hand.digits(PASSWORD)
    hand.press("enter")
    desk.shows("confirm")
    desk.says("王芳")
    look(desk, hand, looker)
    hand.press("enter")
    desk.shows("signed_in", "standby")
    assert tells_no_secret(desk)


@by_all_hands
@on_all_models
def test_a_badge_that_counts_no_more_is_refused_in_words(
    open_desk: OpenDesk, number: str, hand_of: type[Pointer] | type[Keyboard]
) -> None:
    desk = open_desk(number)
    hand, looker = hand_of(desk), Looker(desk)
    desk.shows("sign_in_number")
    show(desk, hand, "old")
    desk.shows("sign_in_password")
    hand.digits(PASSWORD)
    hand.press("enter")
    wait_for_code(desk, "A101")
    look(desk, hand, looker)
    hand.press("cancel")
    desk.shows("sign_in_number")
    assert tells_no_secret(desk)

"""What a sign-in costs a practised operator: keys from the first to success, and the time that the machine takes for itself."""

from playwright.sync_api import Page
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Keyboard
from tests.browser.wire import wire_to
from tests.worlds.browser_shop import Shop

SIGN_INS = 20
KEYS_MAX = 8
"""The number advances by itself: two digits, four digits, 签到, 确认."""
MACHINE_S_MAX = 2.0
"""95 of 100 sign-ins take less than this, beside what the person takes."""

_RECORDER = """() => {
    window.recorded = { keys: 0, pressed: 0, machine: 0 };
    addEventListener("keydown", () => { recorded.keys += 1; recorded.pressed = performance.now(); }, true);
    const ends = ["confirm", "signed_in"];
    new MutationObserver(() => {
        const screen = document.querySelector(".glass").dataset.screen;
        if (screen !== recorded.screen && ends.includes(screen)) recorded.machine += performance.now() - recorded.pressed;
        recorded.screen = screen;
    }).observe(document.querySelector(".glass"), { attributes: true, attributeFilter: ["data-screen"] });
}"""
"""Counts keys, and adds up how long it takes from the last key to each screen that the host has to be asked for."""


def test_eight_keys_and_two_seconds_of_the_machine(open_desk: OpenDesk, shop: Shop) -> None:
    desk = open_desk("10000001", lang="zh")
    keyboard = Keyboard(desk)
    desk.page.evaluate(_RECORDER)
    keys, seconds = [], []
    for _ in range(SIGN_INS):
        keyboard.digits("01")
        desk.shows("sign_in_password")
        keyboard.digits("0000")
        keyboard.press("enter")
        desk.shows("confirm")
        keyboard.press("enter")
        desk.shows("signed_in")
        count, machine_ms = recorded(desk.page)
        keys.append(count)
        seconds.append(machine_ms / 1000)
        with wire_to(shop.page, "10000001") as wire:
            wire.go_home()
        desk.shows("sign_in_number")
    p95 = sorted(seconds)[int(0.95 * SIGN_INS) - 1]
    print(f"{SIGN_INS} sign-ins: {max(keys)} keys; machine p50 {sorted(seconds)[SIGN_INS // 2]:.2f} s, p95 {p95:.2f} s")
    assert set(keys) == {KEYS_MAX}
    assert 0 < p95 <= MACHINE_S_MAX


def recorded(page: Page) -> tuple[int, float]:
    """Keys and milliseconds since the last time, which are counted anew."""
    found = page.evaluate(
        "() => { const now = [recorded.keys, recorded.machine]; recorded.keys = recorded.machine = 0; return now; }"
    )
    return int(found[0]), float(found[1])

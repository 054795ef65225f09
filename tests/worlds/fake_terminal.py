"""A terminal for the page's own tests: it shows what it is told to show and keeps what the page sends."""

import asyncio
from collections.abc import Callable, Sequence

from zhanggui.basics.errors import Misuse
from zhanggui.basics.secret import Secret
from zhanggui.basics.words import Lang
from zhanggui.cup.values.slip import Slip
from zhanggui.terminal.devices.ports import CardFace, PartFace, PartState
from zhanggui.terminal.flow.core.events import CheckItem, ShownWay
from zhanggui.terminal.flow.screens.views import ScreenView
from zhanggui.terminal.models.profiles import ModelName, Profile, load_profile

from ..unit.terminal_page.gallery import CARDS, gallery, slips


class FakeTerminal:
    """One terminal that stands on `screen`, taken from the gallery by name."""

    def __init__(
        self, number: str = "10000001", model: ModelName = "smart", screen: str = "standby", lang: Lang = "zh"
    ) -> None:
        self._number = number
        self._profile = load_profile(model)
        self._name = screen
        self._lang: Lang = lang
        self._watchers: list[Callable[[ScreenView], None]] = []
        self._views = {language: gallery(language, self._profile) for language in ("zh", "en")}
        self.calls: list[tuple[object, ...]] = []
        self._touched = asyncio.Event()
        self.answers: dict[str, str] = {}
        """Keys that bring another screen: key → its name."""

    @property
    def number(self) -> str:
        return self._number

    @property
    def profile(self) -> Profile:
        return self._profile

    @property
    def screens(self) -> tuple[str, ...]:
        """The names of all screens it can stand on."""
        return tuple(self._views[self._lang])

    @property
    def watchers(self) -> int:
        return len(self._watchers)

    def view(self) -> ScreenView:
        return self._views[self._lang][self._name]

    def watch(self, watcher: Callable[[ScreenView], None]) -> Callable[[], None]:
        self._watchers.append(watcher)

        def unwatch() -> None:
            self._watchers.remove(watcher)
            self._touched.set()

        return unwatch

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait until this holds; looked at after each call and each end of watching."""
        async with asyncio.timeout(20):
            while not met():
                self._touched.clear()
                await self._touched.wait()

    def _called(self, *call: object) -> None:
        self.calls.append(call)
        self._touched.set()

    def go(self, screen: str) -> None:
        """Stand on another screen of the gallery."""
        self._name = screen
        for watcher in tuple(self._watchers):
            watcher(self.view())

    def put(self, view: ScreenView) -> None:
        """Show a screen of the test's own."""
        self._views[view.lang][view.id] = view
        self.go(view.id)

    def press(self, key: str, screen_id: str) -> None:
        self._called("press", key, screen_id)
        if key in self.answers:
            self.go(self.answers[key])

    def show_card(self, card_id: str, way: ShownWay) -> None:
        if card_id not in {card.id for card in CARDS}:
            raise Misuse("there is no such card; choose one of the cards at hand")
        self._called("card", card_id, way)

    def show_badge(self, badge: Secret) -> None:
        self._called("badge", badge)

    def scan(self, text: Secret) -> None:
        self._called("scan", text)

    def cards(self) -> Sequence[CardFace]:
        return CARDS

    def choose_lang(self, lang: Lang) -> None:
        self._called("lang", lang)
        self._lang = lang
        self.go(self._name)

    def sign(self, strokes: Sequence[Sequence[tuple[int, int]]]) -> None:
        self._called("sign", strokes)

    def set_device(self, item: CheckItem, state: str) -> None:
        self._called("device", item, state)

    def parts(self) -> Sequence[PartFace]:
        return (
            PartFace(
                "tamper",
                "防拆",
                "Tamper switch",
                "ok",
                (PartState("ok", "正常", "OK"), PartState("opened", "打开", "opened")),
            ),
        )

    def press_power(self) -> None:
        self._called("power")

    def signature(self, slip_id: str) -> Sequence[Sequence[tuple[int, int]]]:
        signed = not self._profile.printer and slip_id.endswith("-merchant")
        return ([(20, 80), (200, 40), (460, 120)],) if signed else ()

    def slip(self, slip_id: str) -> Slip:
        found = slips(electronic=not self._profile.printer).get(slip_id)
        if found is None:
            raise Misuse("there is no such slip")
        return found

"""The running terminal: the flow decides, this shell performs.

One task takes what happened from one queue, hands it to the flow, and lets `performer.py` perform the effects in their order.
What comes of them is put into the same queue, so everything that ever happens to a terminal happens in one order.

After an invariant broke, the terminal starts again from its journal, as after a power cut: that path is tested and safe, going
on from an unknown state is not.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard, get_args

import msgspec
import structlog

from ..basics.chance import Chance
from ..basics.errors import Fault, Misuse
from ..basics.numbers import UnixMs
from ..basics.secret import Secret
from ..basics.words import Lang
from ..cup.values.slip import Slip
from ..edges.watched import Died, LongTask, keep_running, run_long
from ..vault.badge import is_badge
from .devices.machine import Devices
from .devices.part_faces import part_faces
from .devices.ports import CardFace, EntryStep, PartFace, PinKey, Strokes
from .flow.core import events as ev
from .flow.core.stage import POWER_KEY, Off
from .flow.core.state import Machine, State, new_terminal
from .flow.machine import flow, screen_of
from .flow.screens.render import render_screen
from .flow.screens.views import EntryView, ScreenView
from .journal_port import Journal
from .link.host_line import HostLine
from .link.host_link import HostLink
from .models.profiles import Profile
from .performer import CardRead, JobBroke, Performer
from .settings_desk import SettingsDesk

TICK_S = 1.0
"""The flow counts seconds."""
INPUTS_WAITING_MAX = 256
"""Keys and taps that wait; beyond it people's input is dropped, answers of the host and devices never."""
RESTARTS_MAX = 3
"""Restarts after broken invariants; a terminal that breaks again and again has to be looked at."""
CLEAR_ALL = "clear_all"
"""No key of the machine: what a front presses when digits came that no hand has typed, and the whole field must go."""
PIN_KEYS: frozenset[str] = frozenset(get_args(PinKey))

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Press:
    """A key of a screen. Its value stays out of any representation: it may be a digit of a PIN."""

    screen_id: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Tick:
    """A second passed."""


@dataclass(frozen=True, slots=True)
class _PowerKey:
    """The power key was held."""


@dataclass(frozen=True, slots=True)
class _Badge:
    """A badge was scanned, or a staff card held to the reader."""

    badge: Secret


@dataclass(frozen=True, slots=True)
class _Scan:
    """A scanner read something where a customer's payment code may be awaited."""

    text: Secret


_Input = _Badge | _Scan | _PowerKey | ev.Event | _Press | CardRead | JobBroke | _Tick


class Terminal:
    """One running terminal; implements `face.TerminalFace`. Everything it touches comes in through the constructor."""

    def __init__(
        self,
        machine: Machine,
        *,
        devices: Devices,
        journal: Journal,
        line: HostLine,
        link: HostLink,
        chance: Chance,
        desk: SettingsDesk,
        lang: Lang = "zh",
        keep_lang: Callable[[Lang], None] = lambda lang: None,
    ) -> None:
        self._machine = machine
        self._devices = devices
        self._journal = journal
        self._lang: Lang = lang
        self._keep_lang = keep_lang
        self._state: State = new_terminal(machine)
        self._drawn = render_screen(screen_of(self._state), lang)
        self._drawn_of: State = self._state
        """The screen that was drawn last, and of what."""
        self._watchers: list[Callable[[ScreenView], None]] = []
        self._inputs: asyncio.Queue[_Input] = asyncio.Queue()
        self._main: tuple[LongTask, ...] = ()
        self._restarts = 0
        self._performer = Performer(
            machine,
            devices=devices,
            journal=journal,
            line=line,
            link=link,
            chance=chance,
            post=self._inputs.put_nowait,
            desk=desk,
        )
        for part in devices.parts:
            part.on_change(self._device_changed)
        if devices.virtual_cards is not None:
            devices.virtual_cards.on_badge(self.show_badge)

    # ── life ─────────────────────────────────────────────────────────────────

    async def start(self, gave_up: Died | None = None) -> None:
        """Switch on. Raises Fault when the journal can't be read.

        `gave_up` hears of too many broken invariants, in the place of the program: terminals beside this one go on.
        """
        self._power_on(self._lang)
        self._main = (
            run_long(f"terminal {self.number}", self._run(), gave_up),
            keep_running(f"terminal {self.number} seconds", self._count_second, every_s=TICK_S, at_once=False),
        )

    @property
    def is_running(self) -> bool:
        """Whether it is switched on, and has not given up."""
        return bool(self._main) and all(task.running for task in self._main)

    async def stop(self) -> None:
        """Switch off: exchanges under way are cut (the journal knows what is in doubt), digits and card are forgotten."""
        for task in self._main:
            await task.stop()
        self._main = ()
        await self._performer.stop()
        self._journal.close()

    async def broken(self) -> None:
        """Wait until the terminal gives up after too many broken invariants, and raise what broke it."""
        if self._main:
            await self._main[0].ended()

    # ── TerminalFace ─────────────────────────────────────────────────────────

    @property
    def number(self) -> str:
        return self._machine.terminal_no

    @property
    def profile(self) -> Profile:
        return self._machine.profile

    def view(self) -> ScreenView:
        return self._view

    def watch(self, watcher: Callable[[ScreenView], None]) -> Callable[[], None]:
        self._watchers.append(watcher)

        def unwatch() -> None:
            with contextlib.suppress(ValueError):
                self._watchers.remove(watcher)

        return unwatch

    def press(self, key: str, screen_id: str) -> None:
        self._offer(_Press(screen_id, key))

    def press_power(self) -> None:
        self._offer(_PowerKey())

    def show_card(self, card_id: str, way: ev.ShownWay) -> None:
        cards = self._devices.virtual_cards
        if cards is None:
            raise Misuse("this terminal has a real card reader; hold a card to it")
        if way == "scan":
            self.scan(Secret(cards.show_code(card_id).reveal()))
        else:
            cards.present(card_id, way)
            if way not in self._view.reader:
                # Whoever holds a card to a reader that awaits none is answered too.
                self._tell()

    def scan(self, text: Secret) -> None:
        self._offer(_Scan(text))

    def show_badge(self, badge: Secret) -> None:
        self._offer(_Badge(badge))

    def cards(self) -> Sequence[CardFace]:
        cards = self._devices.virtual_cards
        return () if cards is None else cards.cards()

    def choose_lang(self, lang: Lang) -> None:
        self._offer(ev.LangChosen(now=self._now(), lang=lang))

    def sign(self, strokes: Sequence[Sequence[tuple[int, int]]]) -> None:
        self._performer.signed(strokes)

    def set_device(self, item: ev.CheckItem, state: str) -> None:
        self._devices.settable(item).set_state(state)

    def parts(self) -> Sequence[PartFace]:
        return part_faces(self._devices)

    def slip(self, slip_id: str) -> Slip:
        return self._devices.printer.find(slip_id)

    def signature(self, slip_id: str) -> Strokes:
        """What was signed on a slip; empty when nothing was. Misuse when there is no such slip."""
        return self._devices.printer.signature(slip_id)

    # ── inputs ───────────────────────────────────────────────────────────────

    def _offer(self, entered: _Input) -> None:
        """Queue what a person did, unless too much waits already."""
        if self._inputs.qsize() >= INPUTS_WAITING_MAX:
            _log.warning("input_dropped", terminal=self.number, bound=INPUTS_WAITING_MAX)
            return
        self._inputs.put_nowait(entered)

    def _device_changed(self, result: ev.CheckResult) -> None:
        self._inputs.put_nowait(ev.DeviceChanged(now=self._now(), result=result))

    async def _count_second(self) -> None:
        self._offer(_Tick())

    async def _run(self) -> None:
        while True:
            entered = await self._inputs.get()
            try:
                self._take(entered)
            except Exception as error:
                self._restarts += 1
                _log.error(
                    "invariant_broken",
                    terminal=self.number,
                    kind=type(error).__name__,
                    where=_where(error),
                    restarts=self._restarts,
                )
                if self._restarts > RESTARTS_MAX:
                    raise
                self._restart(self._state.lang)

    def _take(self, entered: _Input) -> None:
        match entered:
            case _Press(screen_id=screen_id, key=key):
                # Looked at here and not when it came in: the screen may have changed while the key waited.
                if screen_id == self._view.id:
                    before = self._view
                    self._pressed(key)
                    if self._view is before:
                        # A key that does nothing here is answered too: nobody wonders whether something is under way.
                        self._tell()
            case _PowerKey():
                self._switch()
            case _Badge(badge=badge):
                # One that is not awaited here, or that is none, was not seen; the front hears that nothing is under way.
                if self._view.badge and is_badge(badge.reveal()):
                    self._devices.pin_pad.keep_badge(badge)
                    self._step(ev.BadgeShown(now=self._now()))
                else:
                    self._tell()
            case _Scan(text=text):
                # One that is not awaited here was not seen; what is no payment code is said, and nothing is sent.
                if self._view.pay_code:
                    self._step(self._performer.code_scanned(text, self._state.lang))
                else:
                    self._tell()
            case CardRead():
                seen = self._performer.card_arrived(entered, self._state.lang)
                if seen is not None:
                    self._step(seen)
            case JobBroke(error=error):
                raise error
            case _Tick():
                timed_out = self._devices.pin_pad.tick()
                if timed_out is not None:
                    self._pin_stepped(timed_out)
                self._step(ev.Ticked(now=self._now()))
            case ev.Event():
                if isinstance(entered, ev.SignedOn | ev.OperatorVerified):
                    self._devices.clock.measured(entered.drift_s, self._state.rules.drift_warn_s)
                if isinstance(entered, ev.LineSeen) and entered.drift_s is not None:
                    self._devices.clock.measured(entered.drift_s, self._state.rules.drift_warn_s)
                self._step(entered)

    def _pressed(self, key: str) -> None:
        pin_pad = self._devices.pin_pad
        if key == POWER_KEY and isinstance(self._state.stage, Off):
            self._switch()
        elif key == CLEAR_ALL:
            self._clear_all()
        elif not pin_pad.collecting:
            self._step(ev.KeyPressed(now=self._now(), key=key))
        elif _is_pin_key(key):
            self._pin_stepped(pin_pad.press(key))
        elif not key.isdigit():
            self._step(ev.KeyPressed(now=self._now(), key=key))

    def _clear_all(self) -> None:
        """Take back what was typed into the field that is shown, digit by digit, as a person would with 清除."""
        pin_pad = self._devices.pin_pad
        if pin_pad.collecting:
            step = pin_pad.press("clear")
            while step.outcome is None and step.count > 0:
                step = pin_pad.press("clear")
            self._pin_stepped(step)
            return
        screen_id = self._view.id
        for _ in range(_digits_typed(self._view.entry)):
            # On an empty field the key may mean something else, so it is pressed no oftener than there are digits.
            if self._view.id == screen_id:
                self._step(ev.KeyPressed(now=self._now(), key="clear"))

    def _pin_stepped(self, step: EntryStep) -> None:
        if step.outcome is None:
            self._step(ev.PinDots(now=self._now(), count=step.count))
        else:
            self._step(ev.PinDone(now=self._now(), outcome=step.outcome))

    # ── steps ────────────────────────────────────────────────────────────────

    def _step(self, event: ev.Event) -> None:
        before = self._state.lang
        self._state, effects = flow(self._state, event)
        if self._state.lang != before and not isinstance(event, ev.PoweredOn):
            self._lang_chosen(self._state.lang)
        restart = self._performer.perform_all(effects, self._state.batch_no)
        if restart is not None:
            self._restart(restart.lang)
        self._show()

    def _lang_chosen(self, lang: Lang) -> None:
        """Keep what a person chose, for the next power-on. A disk that refuses costs only that."""
        try:
            self._keep_lang(lang)
        except Fault as error:
            _log.warning("lang_not_kept", terminal=self.number, where=_where(error))

    def _show(self) -> None:
        before = self._drawn
        # Of what nobody watches each second's screen need not be drawn: a shop's tills stand without a page for most of the day.
        if self._watchers and self._view is not before:
            self._tell()

    @property
    def _view(self) -> ScreenView:
        """The screen of now; the same object as long as nothing on it changes."""
        if self._drawn_of is not self._state:
            view = render_screen(screen_of(self._state), self._state.lang)
            self._drawn_of = self._state
            if view != self._drawn:
                self._drawn = view
        return self._drawn

    def _tell(self) -> None:
        view = self._view
        for watcher in tuple(self._watchers):
            try:
                watcher(view)
            except Exception as error:
                # A front that breaks must not stop a payment: it is shut out, the others go on.
                _log.error("front_broken", terminal=self.number, kind=type(error).__name__, where=_where(error))
                self._watchers.remove(watcher)

    # ── power ────────────────────────────────────────────────────────────────

    def _switch(self) -> None:
        """On, or off at once: what is under way is cut as by a power cut, and the journal knows what is in doubt."""
        lang = self._state.lang
        if isinstance(self._state.stage, Off):
            self._power_on(lang, by_key=True)
            return
        self._let_go()
        self._state = msgspec.structs.replace(self._state, lang=lang)
        self._show()

    def _power_on(self, lang: Lang, *, by_key: bool = False) -> None:
        owed = tuple(use.operator_no for use in self._devices.pin_pad.offline_owed())
        memory = msgspec.structs.replace(self._journal.memory(), offline_owed=owed)
        self._inputs.put_nowait(ev.PoweredOn(now=self._now(), lang=lang, memory=memory, by_key=by_key))

    def _restart(self, lang: Lang) -> None:
        """As after a power cut: cut what is under way, forget what was in hand, begin with what the journal holds."""
        self._let_go()
        self._power_on(lang)

    def _let_go(self) -> None:
        """Cut what is under way and forget what was in hand."""
        self._performer.let_go()
        while not self._inputs.empty():
            self._inputs.get_nowait()
        self._state = new_terminal(self._machine)

    def _now(self) -> UnixMs:
        return self._devices.clock.now()


def _is_pin_key(key: str) -> TypeGuard[PinKey]:
    return key in PIN_KEYS


def _digits_typed(entry: EntryView | None) -> int:
    """How many digits, or letters of a name, stand in a field that is no secret; an amount of nothing has none."""
    if entry is None or entry.kind == "secret":
        return 0
    if entry.kind in ("name", "line"):
        return len(entry.shown)
    digits = "".join(character for character in entry.shown if character.isdigit())
    return len(digits.lstrip("0") if entry.kind == "amount" else digits)


def _where(error: BaseException) -> str:
    """File and line at which it was raised; the message of an unknown error may hold a value and stays out of the log."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "unknown" if trace is None else f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"

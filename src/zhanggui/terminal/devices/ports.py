"""The ports between the shell and the machine's parts. A real or a virtual make passes the same contract tests.

Every part can be asked how it is (`check`), says whether it is simulated, and may tell the shell of a change on its own
(`on_change`). Checks are quick and never block: what needs the line is done by `self_check.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from ...basics.clock import Clock
from ...basics.numbers import Login, MerchantNo, OperatorNo, RecordNo, UnixMs
from ...basics.secret import Pan, PayCode, Secret
from ...cup.values.badge import ShownBadge
from ...cup.values.slip import Slip
from ...vault.hsm import KeySet
from ..flow.core.events import CheckItem, CheckResult, EntryWay, ReaderWay

Strokes = tuple[tuple[tuple[int, int], ...], ...]
"""A signature: strokes of points in a box of 480 × 160."""

PROTECTED_BYTES_MAX = 32
"""What the PIN pad seals in one piece: a card number (19 digits) with its expiry."""

OnChange = Callable[[CheckResult], None]


class Device(Protocol):
    """What every part of the machine has."""

    @property
    def item(self) -> CheckItem:
        """Which item of the self-check it is."""
        ...

    @property
    def simulated(self) -> bool:
        """True for a virtual make; screens say so."""
        ...

    def check(self) -> CheckResult:
        """How it is now."""
        ...

    def on_change(self, tell: OnChange) -> None:
        """Call `tell` whenever its state changes from now on."""
        ...


class SettableDevice(Device, Protocol):
    """A virtual part whose state can be set from outside."""

    def set_state(self, state: str) -> None:
        """Take on a state of its list; Misuse names the list when the state is not on it."""
        ...


class NetworkLine(Device, Protocol):
    """The line to the world as the machine sees it."""

    @property
    def up(self) -> bool:
        """False when the machine knows that nothing can leave."""
        ...


class TerminalClock(Device, Clock, Protocol):
    """The machine's clock; hosts tell the time and the drift is shown and kept, never silently corrected."""

    def measured(self, drift_s: int, warn_s: int) -> None:
        """The host's answer showed this drift (terminal minus host, seconds); policy warns beyond `warn_s`."""
        ...


# ── cards ────────────────────────────────────────────────────────────────────


class ChipCard(Protocol):
    """The application on a chip, reduced to what field 55 needs."""

    @property
    def is_there(self) -> bool:
        """Whether the card is still where it was read; one that was tapped is not needed any more, so it always is."""
        ...

    def answer(self, terminal_data: bytes) -> bytes:
        """Take the terminal's data (BER-TLV), give the card's (BER-TLV) with a cryptogram that asks to go online (ARQC)."""
        ...

    def accept_answer(self, field_55: bytes) -> bool:
        """Whether the issuer's authentication data in the answer is right; True when there is none to check."""
        ...

    @property
    def is_blocked(self) -> bool:
        """Whether the issuer blocked the application: no payment is made with it any more."""
        ...

    def command(self, command: bytes) -> bytes:
        """Give the chip a command of its issuer; the answer is the status word, two bytes, or nothing when the card is gone."""
        ...


@dataclass(frozen=True, slots=True)
class CardInHand:
    """A card that was read. It stays in the shell; the flow sees `pan.mask()`."""

    pan: Pan
    expiry_yymm: str
    track2: Secret | None
    """`=` between number and expiry; None when the card gave none."""
    sequence: str
    """Card sequence number of the chip, three digits; empty for a stripe."""
    way: EntryWay
    label_zh: str
    label_en: str
    has_chip: bool
    chip: ChipCard | None
    """Present when the card was inserted or tapped and has a chip."""


@dataclass(frozen=True, slots=True)
class CodeInHand:
    """A customer's payment code that was scanned in a card's place. It stays in the shell; the flow sees `code.mask()`."""

    code: PayCode
    label_zh: str
    label_en: str
    """Whose codes look so."""


@dataclass(frozen=True, slots=True)
class CardUnread:
    """A card was there and could not be read; `reason` is a word key."""

    reason: str
    chip: bool = False
    """True where the slot for chips got no answer. A broken chip, a dirty slot and a card the wrong way round look alike to it."""


class PartState(msgspec.Struct, frozen=True):
    """A state that a virtual part can take on, in words."""

    state: str
    zh: str
    en: str


class PartFace(msgspec.Struct, frozen=True):
    """A virtual part, its state now and all that it can take on."""

    item: CheckItem
    zh: str
    en: str
    state: str
    states: tuple[PartState, ...]


class CardFace(msgspec.Struct, frozen=True):
    """A virtual card that may be shown to the virtual reader. `hint` says what it is for (test PIN, expected outcome)."""

    id: str
    label_zh: str
    label_en: str
    masked_pan: str
    hint_zh: str
    hint_en: str
    chip: bool
    phone: bool = False
    """True where its holder has a phone that shows payment codes."""
    badge: bool = False
    """True for a staff card: it holds an operator's badge and nothing to pay with."""


OnBadge = Callable[[Secret], None]
OnCard = Callable[[CardInHand | CardUnread], None]


class CardReader(Device, Protocol):
    """Stripe, chip and contactless reader as one."""

    def open(self, ways: Sequence[ReaderWay], on_card: OnCard) -> None:
        """Wait for one card by these ways and hand it over; opening again replaces what was awaited."""
        ...

    def close(self) -> None:
        """Stop waiting. Closing a closed reader does nothing."""
        ...


# ── PIN pad ──────────────────────────────────────────────────────────────────

EntryOutcome = Literal["entered", "skipped", "cancelled", "timed_out", "differs"]
"""`differs`: the new password was typed the second time in another way."""
EntryPurpose = Literal[
    "password", "cardholder", "code", "old_password", "new_password", "repeat_password", "card_number"
]
PinKey = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "enter", "clear", "cancel"]


@dataclass(frozen=True, slots=True)
class EntryStep:
    """What the PIN pad tells after a key: how many digits it holds, and the outcome when the entry ended."""

    count: int
    outcome: EntryOutcome | None = None


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """Both blocks of a change of password, under the current PIN key."""

    old_block: bytes
    new_block: bytes


@dataclass(frozen=True, slots=True)
class MachineProof:
    """The machine's serial number, and the proof that it is this one that asks."""

    serial: str
    cipher: str


@dataclass(frozen=True, slots=True)
class EnvelopeTerms:
    """What the host allows an operator without network, from a good sign-in."""

    operator_no: OperatorNo
    operator_name: str
    record_no: RecordNo
    hours: int
    uses: int
    sale_limit_fen: int
    host_now: UnixMs
    user_name: str = ""
    """It opens the envelope as the number does."""


_NEVER = UnixMs(0)
OfflineOutcome = Literal["ok", "wrong", "none", "over", "used_up", "clock"]


@dataclass(frozen=True, slots=True)
class OfflineVerdict:
    """What the PIN pad says to a password without network; the rest is set beside `ok`, `tries_left` beside `wrong`."""

    outcome: OfflineOutcome
    operator_no: OperatorNo | None = None
    """Whose envelope it was."""
    operator_name: str = ""
    until_ms: UnixMs = _NEVER
    """By the terminal's clock."""
    uses_left: int = 0
    sale_limit_fen: int = 0
    tries_left: int = 0


@dataclass(frozen=True, slots=True)
class OfflineUse:
    """An envelope with uses that the host was not told of: how often it was used since it was sealed, and when last."""

    operator_no: OperatorNo
    record_no: RecordNo
    uses: int
    used_at_ms: UnixMs


class PinPad(Device, Protocol):
    """The secure part. Digits and keys go in; dots, enciphered blocks and MACs come out."""

    @property
    def collecting(self) -> bool:
        """True while digits are being taken."""
        ...

    @property
    def tampered(self) -> bool:
        """True once the machine was opened; only the maker's workshop ends that."""
        ...

    @property
    def has_working_keys(self) -> bool:
        """True when a sign-in's keys are there."""
        ...

    def master_key_check_value(self) -> str:
        """Check value of the master key in hexadecimal; empty when there is none, or once the machine was opened."""
        ...

    def begin(self, purpose: EntryPurpose, *, min_digits: int, max_digits: int, may_skip: bool, timeout_s: int) -> None:
        """Forget earlier digits and start to collect."""
        ...

    def press(self, key: PinKey) -> EntryStep:
        """Take one key. Misuse when nothing is being collected."""
        ...

    def tick(self) -> EntryStep | None:
        """Look at the clock: a step when the entry timed out, None otherwise. Digits that nobody took are forgotten here."""
        ...

    def forget(self) -> None:
        """Erase the digits and stop collecting."""
        ...

    def keep_badge(self, badge: Secret) -> None:
        """A badge was read: it stays here for some minutes, in the place of an earlier one. ValueError for what is no badge."""
        ...

    def show_badge(self, context: bytes) -> ShownBadge:
        """The badge for one message, which `context` names. Fault when there is none (any more), or there are no working keys."""
        ...

    def forget_badge(self) -> None:
        """Erase it."""
        ...

    def take_pin_block(self, pan: Pan) -> bytes:
        """Encipher the cardholder's PIN under the current PIN key and erase it (field 52).

        Fault when no PIN is inside (it was never typed, or nobody took it in time) or there are no working keys.
        """
        ...

    def seal_for_host(self, content: bytes, context: bytes) -> bytes:
        """A body for the host's HTTP door, under a key that descends from the master key. Fault when there is none, or once it was opened."""
        ...

    def open_from_host(self, sealed: bytes, context: bytes) -> bytes:
        """What the host sealed in this context. Fault for anything else, without a master key, or once the machine was opened."""
        ...

    def prove_identity(self, factor: str) -> MachineProof:
        """Which machine it is, proven for one payment (`factor`: six digits of its card or code). Fault once it was opened."""
        ...

    def take_password_block(self, merchant_no: MerchantNo, login: Login) -> bytes:
        """Encipher an operator's password under the current PIN key and erase it (field 52). Fault as above."""
        ...

    def take_code(self) -> Secret:
        """The sign-in code that was typed, once. It goes to the host as it is: it works once and soon ends. Fault as above."""
        ...

    def take_card_number(self) -> Pan | None:
        """The card number that was typed, once; None where its check digit is wrong. Fault as above."""
        ...

    def take_new_password(
        self, merchant_no: MerchantNo, login: Login, *, new_for: OperatorNo | None = None
    ) -> PasswordChange:
        """The blocks of a change of password. The old one is the one typed before it, or that of the last password block.

        With `new_for` the new one is a first password for somebody else, and nothing of it is kept.

        Fault when the new password was not typed twice alike, or the old one is not known any more.
        """
        ...

    def new_password_accepted(self, operator_no: OperatorNo) -> None:
        """The host took the new password: what was made from the old one is void, envelopes too."""
        ...

    def seal_envelope(self, terms: EnvelopeTerms) -> bool:
        """Keep what the host allows without network, for the password whose block was made last. False when there is none."""
        ...

    def check_offline(self, merchant_no: MerchantNo, login: Login, *, use: bool) -> OfflineVerdict:
        """Judge the typed password (or the one whose block was made last) by the operator's envelope.

        `use` counts a sign-in; without it only the password is looked at. Counts are durable before the answer.
        """
        ...

    def offline_owed(self) -> tuple[OfflineUse, ...]:
        """Sign-ins without network that the host was not told of."""
        ...

    def offline_told(self, operator_no: OperatorNo) -> None:
        """The host took the report."""
        ...

    def revoke_envelope(self, operator_no: OperatorNo) -> None:
        """The host does not accept the envelope."""
        ...

    def load_working_keys(self, field_62: bytes, key_set: KeySet) -> None:
        """Take a sign-in's keys, all or none. KeyCheckFailed or WorkingKeysRejected when they can't be trusted."""
        ...

    def mac(self, data: bytes) -> bytes:
        """Field 64 over these bytes. Fault when there are no working keys."""
        ...

    def verify_mac(self, data: bytes, mac: bytes) -> bool:
        """Whether field 64 fits these bytes; compared in constant time. False when there are no working keys."""
        ...

    def protect(self, content: bytes) -> bytes:
        """Seal up to PROTECTED_BYTES_MAX bytes of card data for keeping at rest in this machine."""
        ...

    def unprotect(self, sealed: bytes) -> bytes:
        """Open what `protect` sealed. Fault when it was altered or sealed elsewhere."""
        ...

    def tamper(self) -> None:
        """Someone opened the machine: erase every key and digit."""
        ...


# ── slips ────────────────────────────────────────────────────────────────────


class OutOfPaper(Exception):
    """The printer has no paper: an outcome that the flow asks a person about, not an error of the program."""


class Printer(Device, Protocol):
    """Puts slips on paper, or, on a model without a printer, into the archive of electronic slips."""

    async def print(self, slip: Slip, at: UnixMs, signature: Strokes = ()) -> None:
        """Print one slip; returns when it is out and archived. OutOfPaper, or Fault when the device failed.

        `signature` is what the cardholder signed on the screen of an e-signature model; empty otherwise.
        """
        ...

    def find(self, slip_id: str) -> Slip:
        """The newest slip of this id, from the tray or the archive. Misuse when there is none."""
        ...

    def signature(self, slip_id: str) -> Strokes:
        """What was signed on that slip; empty when nothing was. Misuse when there is no such slip."""
        ...

"""A shop's sign-in records with their chain, made as the host makes them, as lines of an export that tests tamper with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from zhanggui.acquirer.proof.audit import Audit, Outcome, ProvenRecord
from zhanggui.acquirer.proof.chain import PROVABLE, append_links, chain_needs, sign_checkpoint
from zhanggui.acquirer.proof.export import Line, feed, header_of, write_lines
from zhanggui.acquirer.rows.records import ChainHead, Checkpoint, Link, Salt, SignIn
from zhanggui.acquirer.rows.state import Change, Delete, Insert, State, Update
from zhanggui.basics.chance import Chance, SeededChance
from zhanggui.basics.numbers import MerchantNo, RecordNo, TerminalNo, UnixMs
from zhanggui.vault.signature import signature_fits
from zhanggui.vault.software import SoftwareHsm

SHOP = MerchantNo("102100058120001")
MORNING = UnixMs(1_795_000_000_000)
CHECKPOINT_EVERY = 250
"""Links between two checkpoints of this shop."""


def attempt(number: int, shop: MerchantNo = SHOP) -> SignIn:
    return SignIn(
        merchant_no=shop,
        record_no=RecordNo(number),
        terminal_no=TerminalNo(f"1000000{number % 5}"),
        operator_no=f"{number % 7 + 1:02d}",
        operator_name=("王芳", "李强", "赵敏")[number % 3],
        state="attempted",
        began_ms=UnixMs(MORNING + number * 1000),
        elapsed_ms=number % 4 * 1000,
        drift_s=number % 3 - 1,
        self_check="power:ok,network:ok,printer:ok",
        versions="zhanggui 0.1.0",
    )


def life(number: int) -> Iterator[Change]:
    """What becomes of a sign-in: most are ended, some refused."""
    began = attempt(number)
    yield Insert(began)
    if number % 4 == 0:
        yield Update(msgspec.structs.replace(began, state="refused", reason="wrong_password"))
        return
    active = msgspec.structs.replace(
        began, state="active", verified_ms=UnixMs(began.began_ms + 9), session_no=number, confirmed_ms=began.began_ms
    )
    yield Update(active)
    yield Update(msgspec.structs.replace(active, state="ended", ended_ms=UnixMs(began.began_ms + 90), reason="asked"))


@dataclass
class Shop:
    """Rows of a shop, its host's vault, and what was signed."""

    state: State
    hsm: SoftwareHsm
    chance: Chance
    checkpoints: list[Checkpoint]
    links: list[Link]
    numbers: list[int]

    def __post_init__(self) -> None:
        self.key = self.hsm.new_signing_key()

    @property
    def public_key(self) -> bytes:
        return self.hsm.public_key(self.key)

    def change(self, changes: Sequence[Change], now: UnixMs) -> tuple[Change, ...]:
        """Apply changes with their links."""
        self.state.apply(tuple(changes))
        assert chain_needs(changes) is not None
        return self.keep(append_links(self.state, changes, self.chance, now))

    def keep(self, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        self.state.apply(changes)
        self.links += [change.record for change in changes if isinstance(change.record, Link)]
        gone = {
            change.record.record_no
            for change in changes
            if isinstance(change, Delete) and type(change.record) is SignIn
        }
        self.numbers = [number for number in self.numbers if number not in gone]
        return changes

    def sign(self, now: UnixMs) -> None:
        head = self.state.get(ChainHead, SHOP)
        assert head is not None
        checkpoint, signed = sign_checkpoint(head, lambda data: self.hsm.sign(self.key, data), now)
        self.checkpoints.append(checkpoint)
        self.state.apply((Update(signed),))

    def proven(self) -> Iterator[ProvenRecord]:
        for number in self.numbers:
            record = self.state.get(SignIn, SHOP, number)
            salt = self.state.get(Salt, SHOP, "sign_in", number)
            assert record is not None
            yield ProvenRecord(
                merchant_no=SHOP,
                record_kind="sign_in",
                record_no=number,
                contents=PROVABLE[SignIn].contents(record),
                salt=b"" if salt is None else salt.salt,
            )

    def lines(self) -> list[Line]:
        """The export."""
        head = self.state.get(ChainHead, SHOP)
        assert head is not None
        return list(write_lines(self.public_key, MORNING, self.checkpoints, self.links, [head], self.proven()))


def open_shop(records: int, *, seed: int = 1, step_ms: int = 1000) -> Shop:
    """A shop with so many sign-ins; the last checkpoint covers them all."""
    chance = SeededChance(seed)
    shop = Shop(State(), SoftwareHsm(bytes(range(32)), chance), chance, [], [], [])
    unsigned = 0
    for number in range(1, records + 1):
        now = UnixMs(MORNING + number * step_ms)
        shop.numbers.append(number)
        for change in life(number):
            unsigned += 1
            shop.change([change], now)
        if unsigned >= CHECKPOINT_EVERY:
            shop.sign(now)
            unsigned = 0
    if unsigned:
        shop.sign(UnixMs(MORNING + records * step_ms))
    return shop


def audit_lines(lines: Sequence[Line], *, anchors: Sequence[Checkpoint] = (), key: bytes | None = None) -> Outcome:
    """What an audit says about an export, by the key in its header unless another is given."""
    rest = iter(lines)
    header = header_of(rest)
    audit = Audit(partial(signature_fits, bytes.fromhex(header.public_key) if key is None else key))
    for anchor in anchors:
        audit.checkpoint(anchor, is_anchor=True)
    feed(audit, rest)
    return audit.finish()

"""The host's rules over rows in one place, without store, line or loop: true messages in, decided in batches, true answers out.

Everything between the frame and the decision is the host's own: reading, MAC, facts, rules, stored answers, links of the chain.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import msgspec
from tests.worlds.floor import NOON, OPERATORS, TestClock
from tests.worlds.line_face import QuietLine
from tests.worlds.our_terminal import Answer, OurTerminal

from zhanggui.acquirer.operators.phones.answering import decide_phone_answer
from zhanggui.acquirer.proof.chain import NO_HASH, PROVABLE, append_links, commit, is_joined
from zhanggui.acquirer.rows.decision import Decision, PhoneReply
from zhanggui.acquirer.rows.numbering import RrnSource
from zhanggui.acquirer.rows.records import (
    Badge,
    ChainHead,
    Link,
    Merchant,
    Operator,
    Record,
    Salt,
    Terminal,
    UserName,
    key_of,
)
from zhanggui.acquirer.rows.state import Change, State
from zhanggui.acquirer.terminals.leases import Leases
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import MerchantNo, OperatorNo, TerminalNo
from zhanggui.basics.secret import Secret
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.values.phone import read_code
from zhanggui.edges.listener import FrameConnection
from zhanggui.host.keys import HostKeys, HostKeyTexts
from zhanggui.host.orders import OpenOrders
from zhanggui.host.phones import FORGED, PhoneWork
from zhanggui.host.strangers import Strangers
from zhanggui.host.wire.reception import Reception
from zhanggui.host.work import Desk, Work
from zhanggui.vault.badge import badge_number, draw_badge
from zhanggui.vault.keys import TerminalMasterKeyBlock
from zhanggui.vault.pinblock import PasswordAccount
from zhanggui.vault.software import SoftwareHsm

MERCHANT = MerchantNo("102100058120001")
USER_NAMES = {"wang.fang": "01", "li.qiang": "02"}
BADGES = ("01", "02")
"""Who has a badge that counts."""
R = TypeVar("R", bound=Record)


@cache
def room_keys() -> tuple[HostKeys, TerminalMasterKeyBlock, SoftwareHsm, TerminalMasterKeyBlock]:
    """The host's keys with a terminal's master key, and the same master key in a terminal's vault; made once."""
    chance = SeededChance(1)
    host, terminal = SoftwareHsm(chance.take(32), chance), SoftwareHsm(chance.take(32), chance)
    texts = HostKeyTexts(
        zone_pin_key=host.new_zone_pin_key().text,
        zone_mac_key=host.new_zone_mac_key().text,
        verifier_key=host.new_verifier_key().text,
        fingerprint_key=host.new_fingerprint_key().text,
        signing_key=host.new_signing_key().text,
    )
    master, transport = host.new_terminal_master_key(), chance.take(32)
    block = host.export_block(master, transport)
    return HostKeys(host, texts), master, terminal, terminal.import_block(block, transport, TerminalMasterKeyBlock)


class Catcher(QuietLine):
    """Stands where a connection stands."""

    def __init__(self) -> None:
        self.payload = b""

    def send(self, payload: bytes) -> None:
        self.payload = payload

    def end(self) -> None:
        """Nothing is owed here: every answer is written at once."""
        self.close()

    def close(self) -> None:
        raise AssertionError("the host hung up")


class Reply:
    """Stands where the future of a phone's answer stands."""

    def __init__(self) -> None:
        self._reply: PhoneReply | None = None

    def done(self) -> bool:
        return self._reply is not None

    def set_result(self, reply: PhoneReply) -> None:
        self._reply = reply

    def taken(self) -> PhoneReply:
        assert self._reply is not None
        return self._reply


class OneRoom:
    """One shop with terminals of ours; `decided` hears of each decision before its changes are taken over."""

    def __init__(self, terminals: int, **policy: str) -> None:
        self.clock = TestClock()
        self.state = State()
        self.filed: dict[tuple[object, ...], Record] = {}
        self.links: list[Link] = []
        self._chance = SeededChance(2)
        self._queue: list[Work] = []
        keys, master, hsm, terminal_master = room_keys()
        self.keys = keys
        self.restart()
        self.put(Merchant(merchant_no=MERCHANT, name="掌柜示范店", created_ms=NOON, **policy))  # type: ignore[arg-type]  # texts
        self.terminals: list[OurTerminal] = []
        for index in range(terminals):
            number = TerminalNo(str(10_000_001 + index))
            self.terminals.append(OurTerminal(hsm, terminal_master, MERCHANT, number))
            self.put(
                Terminal(
                    merchant_no=MERCHANT,
                    terminal_no=number,
                    model="smart",
                    place="前台",
                    dialect="unionpay",
                    operator_check="host",
                    master_key=master.text,
                    created_ms=NOON,
                )
            )
        for digits, name, role, password in OPERATORS:
            operator_no, salt = OperatorNo(digits), self._chance.take(16)
            account = PasswordAccount(MERCHANT, operator_no)
            verifier = keys.hsm.make_verifier(keys.verifier_key, salt, account, Secret(password))
            self.put(
                Operator(
                    merchant_no=MERCHANT,
                    operator_no=operator_no,
                    name=name,
                    role=role,  # type: ignore[arg-type]  # a known role
                    salt=salt,
                    verifier=verifier,
                    password_set_ms=NOON,
                )
            )
        for user_name, digits in USER_NAMES.items():
            self.put(UserName(merchant_no=MERCHANT, user_name=user_name, operator_no=OperatorNo(digits)))

        self.badges = {who: draw_badge(self._chance) for who in (*BADGES, "revoked", "nobody")}
        """By whose they are; the revoked one was 01's before, and nobody's was never issued."""
        for who in BADGES:
            holder = self.state.get(Operator, MERCHANT, OperatorNo(who))
            assert holder is not None
            self.put(msgspec.structs.replace(holder, badge_no=badge_number(self.badges[who])))
        for who, digits in (*((who, who) for who in BADGES), ("revoked", "01")):
            badge = self.badges[who]
            self.put(
                Badge(
                    merchant_no=MERCHANT,
                    badge_no=badge_number(badge),
                    operator_no=OperatorNo(digits),
                    mark=keys.badge_mark(MERCHANT, badge),
                    issued_ms=NOON,
                    issued_by="console",
                )
            )

    def restart(self) -> None:
        """What a host keeps in memory is gone; the rows stay."""
        self.desk = Desk(
            self.keys,
            RrnSource(),
            Leases(lambda: self.clock.passed_s),
            "08888888",
            "掌柜收单",
            Strangers(self.clock, 0),
            OpenOrders(self.clock),
            phone_page="https://host",
        )
        self._reception = Reception(self.desk, UNIONPAY, self._queue.append, self.clock.now)

    def put(self, record: Record) -> None:
        """A committed row."""
        self.state.put(record)
        self.filed[(type(record), *key_of(record))] = record

    def rows(self, kind: type[R]) -> list[R]:
        """All rows of a kind."""
        return [row for row in self.filed.values() if type(row) is kind]

    def receive(self, payloads: Sequence[bytes]) -> list[tuple[Work, Decision, bytes]]:
        """One batch: each is decided in order and sees what the earlier ones changed; then all of it is committed."""
        lines = [Catcher() for _ in payloads]
        for line, payload in zip(lines, payloads, strict=True):
            self._reception.on_frame(cast(FrameConnection, line), payload)
        batch, self._queue[:] = list(self._queue), []
        assert len(batch) == len(payloads), "a message of ours was not understood"
        done = self._decide(batch)
        return [(work, decision, line.payload) for work, decision, line in zip(batch, done, lines, strict=True)]

    def answer_code(self, address: str, phone: str, login: str, password: str) -> PhoneReply:
        """A phone answers a code; `phone` tells it from others."""
        code = read_code(*urlsplit(address).path.split("/")[2:])
        assert code is not None
        if not self.keys.is_phone_code(code):
            return FORGED
        reply = Reply()
        self._decide([PhoneWork(decide_phone_answer, code, phone, cast(Any, reply), login, Secret(password))])
        return reply.taken()

    def _decide(self, batch: Sequence[Work]) -> list[Decision]:
        now, changes, done = self.clock.now(), list[Change](), []
        self._take(changes, self.desk.rrn.reserve(self.state, now, 2 * len(batch)))
        for work in batch:
            self.before(work)
            decision = work.decide(self.desk, self.state, now)
            self.decided(work, decision)
            self._take(changes, decision.changes)
            done.append(decision)
        links = append_links(self.state, changes, self._chance, now)
        self._take(changes, links)
        self.links += [change.record for change in links if isinstance(change.record, Link)]
        for work, decision in zip(batch, done, strict=True):
            work.finish(self.desk, decision, now)
        return done

    def ask(self, terminal: OurTerminal, payload: bytes) -> Answer:
        """One message alone."""
        ((_, _, answer),) = self.receive([payload])
        return terminal.read(answer)

    def get_keys(self, terminal: OurTerminal) -> None:
        """0800."""
        ((_, _, answer),) = self.receive([terminal.sign_on()])
        terminal.take_keys(answer)

    def before(self, work: Work) -> None:
        """For tests: a work is about to be decided."""

    def decided(self, work: Work, decision: Decision) -> None:
        """For tests: a work was decided, its changes are not taken over yet."""

    def chain_holds(self) -> bool:
        """Whether all links are joined, and each provable record is what its last link says."""
        head = self.state.get(ChainHead, MERCHANT)
        if head is None:
            return not self.links
        last = {(link.record_kind, link.record_no): link.commitment for link in self.links}
        for kind in PROVABLE.values():
            for row in self.rows(kind.record):
                salt: Any = self.state.get(Salt, MERCHANT, kind.word, kind.number(row))
                if last.pop((kind.word, kind.number(row)), None) != commit(salt.salt, kind.contents(row)):
                    return False
        return not last and is_joined(head, NO_HASH, self.links)

    def _take(self, changes: list[Change], new: Sequence[Change]) -> None:
        self.state.apply(tuple(new))
        changes.extend(new)
        for change in new:
            self.filed[(type(change.record), *key_of(change.record))] = change.record

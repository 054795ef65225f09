"""Sealed envelopes for signing in without network: the PIN pad's own records of what the host allowed.

A good sign-in leaves one for its operator: a keyed verifier of the password, until when by the host's clock, how many uses. The
host's time now is estimated from the drift that its last answer with a MAC showed; a clock that says less than the latest host
time since then ends every envelope. A new good sign-in counts more than any time before it: a host whose clock was wrong for a while
locks nobody out until that date, and an envelope that lasts to a date which no host could allow today ends. The file is sealed by
a keyed hash, so that nobody raises a count in it; an older copy of the whole file is not told from the newest one, which a real device
prevents by keeping the count inside itself.
"""

import hmac
from collections.abc import Callable
from pathlib import Path

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.clock import Clock
from ...basics.errors import Fault
from ...basics.numbers import Login, OperatorNo, RecordNo, UnixMs
from ...basics.spans import HOUR_MS
from ...cup.values.offline import HOURS_MAX
from .owner_file import read_owner_only, write_owner_only
from .ports import EnvelopeTerms, OfflineOutcome, OfflineUse, OfflineVerdict

FILE_VERSION = 1
ENVELOPES_MAX = 100
"""One for each operator number of a shop."""
WRONG_TRIES_MAX = 5
"""Wrong passwords in a row that end an envelope: nobody else counts while the line is down."""

Seal = Callable[[bytes], bytes]
"""A keyed hash of the file's contents."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What one operator may do without network."""

    operator_no: OperatorNo
    operator_name: str
    record_no: RecordNo
    """The sign-in record that it comes from."""
    salt: bytes
    verifier: bytes
    until_ms: UnixMs
    """Host time."""
    uses_left: int
    sale_limit_fen: int
    wrong_tries: int = 0
    used: int = 0
    """Uses that the host was not told of."""
    told: int = 0
    """Uses that the host was told of."""
    used_at_ms: UnixMs = UnixMs(0)
    """When it was used last, by the terminal's clock."""
    ended: bool = False
    user_name: str = ""
    """It opens the envelope as the number does."""
    account_no: OperatorNo | None = None
    """Whose number stands in the account of the verifier; None: the operator's own."""


class _Contents(msgspec.Struct, frozen=True, kw_only=True):
    version: int = FILE_VERSION
    drift_ms: int = 0
    """Terminal clock minus host clock at the last sealed sign-in."""
    host_seen_ms: UnixMs = UnixMs(0)
    """The latest host time that was seen or estimated since the last sealed sign-in."""
    envelopes: tuple[Envelope, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True):
    contents: str
    seal: str


class Envelopes:
    """The envelopes of one PIN pad. A file that was altered counts as empty: what is not proven is not allowed."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def seal(self, terms: EnvelopeTerms, salt: bytes, verifier: bytes, account_no: OperatorNo, seal: Seal) -> None:
        """Keep an envelope in place of the operator's earlier one. Fault when the disk refuses."""
        kept = self._read(seal)
        envelope = Envelope(
            operator_no=terms.operator_no,
            operator_name=terms.operator_name,
            record_no=terms.record_no,
            salt=salt,
            verifier=verifier,
            until_ms=UnixMs(terms.host_now + terms.hours * HOUR_MS),
            uses_left=terms.uses,
            sale_limit_fen=terms.sale_limit_fen,
            user_name=terms.user_name,
            account_no=account_no,
        )
        latest_ms = terms.host_now + HOURS_MAX * HOUR_MS
        others = tuple(
            # What it was used for is still owed to the host, so it ends and does not go. A user name is one person's at a time:
            # whoever has it now has taken it from whoever had it.
            msgspec.structs.replace(
                known,
                ended=known.ended or known.until_ms > latest_ms,
                user_name="" if known.user_name == terms.user_name else known.user_name,
            )
            for known in kept.envelopes
            if known.operator_no != terms.operator_no
        )
        new = msgspec.structs.replace(
            kept,
            drift_ms=self._clock.now() - terms.host_now,
            host_seen_ms=terms.host_now,
            envelopes=(*others, envelope)[-ENVELOPES_MAX:],
        )
        self._write(new, seal)

    def find(self, login: Login, seal: Seal) -> Envelope | None:
        """An operator's envelope, by number or user name; None when there is none."""
        return _of(login, self._read(seal))

    def check(self, login: Login, fits: Callable[[bytes, bytes], bool], *, use: bool, seal: Seal) -> OfflineVerdict:
        """Judge a password; `fits(salt, verifier)` compares it. What is counted is durable before the answer."""
        kept = self._read(seal)
        found = _of(login, kept)
        if found is None:
            return OfflineVerdict("none")
        host_now = UnixMs(self._clock.now() - kept.drift_ms)
        ending = self._why_over(kept, found, host_now, use=use)
        if ending is not None:
            self._put(kept, msgspec.structs.replace(found, ended=True), seal)
            return OfflineVerdict(ending, found.operator_no)
        if not fits(found.salt, found.verifier):
            tries = found.wrong_tries + 1
            self._put(kept, msgspec.structs.replace(found, wrong_tries=tries, ended=tries >= WRONG_TRIES_MAX), seal)
            return OfflineVerdict("wrong", found.operator_no, tries_left=WRONG_TRIES_MAX - tries)
        found = msgspec.structs.replace(found, wrong_tries=0)
        if use:
            found = msgspec.structs.replace(
                found, uses_left=found.uses_left - 1, used=found.used + 1, used_at_ms=self._clock.now()
            )
        kept = msgspec.structs.replace(kept, host_seen_ms=UnixMs(max(kept.host_seen_ms, host_now)))
        self._put(kept, found, seal)
        return OfflineVerdict(
            "ok",
            found.operator_no,
            operator_name=found.operator_name,
            until_ms=UnixMs(found.until_ms + kept.drift_ms),
            uses_left=found.uses_left,
            sale_limit_fen=found.sale_limit_fen,
        )

    def owed(self, seal: Seal) -> tuple[OfflineUse, ...]:
        """Uses that the host has to be told of."""
        return tuple(
            OfflineUse(known.operator_no, known.record_no, known.told + known.used, known.used_at_ms)
            for known in self._read(seal).envelopes
            if known.used
        )

    def told(self, operator_no: OperatorNo, seal: Seal) -> None:
        """The host knows of the uses now; the envelope goes on."""
        kept = self._read(seal)
        for known in kept.envelopes:
            if known.operator_no == operator_no:
                self._put(kept, msgspec.structs.replace(known, told=known.told + known.used, used=0), seal)

    def drop(self, operator_no: OperatorNo, seal: Seal) -> None:
        """The envelope is void: the host revoked it, or the password changed."""
        kept = self._read(seal)
        left = tuple(known for known in kept.envelopes if known.operator_no != operator_no)
        if left != kept.envelopes:
            self._write(msgspec.structs.replace(kept, envelopes=left), seal)

    def destroy(self) -> None:
        """Remove the file."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise Fault(f"can't remove {self._path}: {error.strerror or error}") from error

    def _why_over(self, kept: _Contents, found: Envelope, host_now: UnixMs, *, use: bool) -> OfflineOutcome | None:
        if host_now < kept.host_seen_ms:
            return "clock"
        if found.ended or host_now >= found.until_ms:
            return "over"
        if use and found.uses_left <= 0:
            return "used_up"
        return None

    def _put(self, kept: _Contents, changed: Envelope, seal: Seal) -> None:
        envelopes = tuple(changed if known.operator_no == changed.operator_no else known for known in kept.envelopes)
        self._write(msgspec.structs.replace(kept, envelopes=envelopes), seal)

    def _read(self, seal: Seal) -> _Contents:
        content = read_owner_only(self._path)
        if content is None:
            return _Contents()
        try:
            file = msgspec.json.decode(content, type=_File)
            if not hmac.compare_digest(bytes.fromhex(file.seal), seal(file.contents.encode())):
                return _Contents()
            return msgspec.json.decode(file.contents, type=_Contents)
        except (ValueError, *BAD_JSON):
            return _Contents()

    def _write(self, contents: _Contents, seal: Seal) -> None:
        text = msgspec.json.encode(contents)
        file = _File(contents=text.decode(), seal=seal(text).hex())
        write_owner_only(self._path, msgspec.json.encode(file))


def _of(login: Login, kept: _Contents) -> Envelope | None:
    return next((known for known in kept.envelopes if login in (known.operator_no, known.user_name)), None)

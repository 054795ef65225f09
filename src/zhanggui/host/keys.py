"""The host's own keys and what it does with a terminal's: MAC verdicts, PIN blocks, password checks, keyed hashes."""

import hmac
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ..acquirer.operators.entry import NewPassword
from ..acquirer.policy.rules import Policy
from ..acquirer.rows.decision import MacVerdict
from ..acquirer.rows.records import Badge, Operator, Terminal, WaitingKeys
from ..acquirer.terminals.sign_on import NewKeys
from ..basics.bad_json import BAD_JSON
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs
from ..basics.secret import Pan, Secret
from ..cup.dialect import INTERBANK, Dialect
from ..cup.messages.payment import PaymentRequest
from ..cup.values.epoch import EPOCH_BYTES
from ..cup.values.phone import PhoneCode, name_of, secret_of
from ..cup.values.slip_link import NAME_BYTES, SlipAddress, address_of
from ..vault.errors import PinRejected
from ..vault.hsm import FINGERPRINT_BYTES, SALT_BYTES, VERIFIER_BYTES, Hsm, KeySet, NewPasswordRules
from ..vault.keyfile import read_key_file, replace_key_file, write_key_file
from ..vault.keys import (
    CodeKeyBlock,
    FingerprintKeyBlock,
    MacKeyBlock,
    PinKeyBlock,
    SigningKeyBlock,
    TerminalMasterKeyBlock,
    TrackKeyBlock,
    VerifierKeyBlock,
    WalletKeyBlock,
    ZoneMacKeyBlock,
    ZonePinKeyBlock,
)
from ..vault.one_time_code import CodeVerdict
from ..vault.pinblock import PasswordAccount, PinFormat

PIN_WITHOUT_PAN = "1"
"""First digit of field 53: the block is built without the card number."""
SEALED_CODE = "sealed:"
"""How a shift's code is kept; one in clear is digits alone."""
KEY_MARK = 16
"""The last characters of a key block are its MAC, which no other block has."""
NO_PASSWORD = (bytes(SALT_BYTES), bytes(VERIFIER_BYTES))
"""Salt and verifier that stand for an operator who does not exist: no password has this verifier."""
NOBODY = OperatorNo("00")
"""Whose number stands in the account of a name that is nobody's: the same work is done, and nothing fits."""
ANY_PASSWORD = Secret("0000")
"""Stands for what can't be a password, so that the same work is done for it."""
NO_BADGE = bytes(FINGERPRINT_BYTES)
"""Stands for the mark of a badge that does not exist."""


class HostKeyTexts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The host's own keys as sealed blocks, one file beside the database."""

    zone_pin_key: str
    zone_mac_key: str
    verifier_key: str
    fingerprint_key: str
    signing_key: str
    wallet_key: str = ""
    """Empty while the host knows no wallets: in folders from before there were some."""


class HostKeys:
    """The host's own keys in one vault."""

    def __init__(self, hsm: Hsm, texts: HostKeyTexts) -> None:
        self.hsm = hsm
        self.zone_pin_key = ZonePinKeyBlock(texts.zone_pin_key)
        self.zone_mac_key = ZoneMacKeyBlock(texts.zone_mac_key)
        self.verifier_key = VerifierKeyBlock(texts.verifier_key)
        self.fingerprint_key = FingerprintKeyBlock(texts.fingerprint_key)
        self.signing_key = SigningKeyBlock(texts.signing_key)
        self.wallet_key = WalletKeyBlock(texts.wallet_key) if texts.wallet_key else None

    def mac_verdict(
        self, terminal: Terminal | None, waiting: Sequence[WaitingKeys], dialect: Dialect, covered: bytes, mac: bytes
    ) -> tuple[MacVerdict, str, WaitingKeys | None]:
        """Which of the terminal's MAC keys fits, the text of the key to answer with (empty when there is none), and the keys that
        waited, where it is one of theirs. `waiting` has the youngest first."""
        if terminal is None or not (terminal.mac_key or waiting):
            return "none", "", None
        algorithm = dialect.mac_algorithm
        if terminal.mac_key and self.hsm.verify_mac(MacKeyBlock(terminal.mac_key), algorithm, covered, mac):
            return "current", terminal.mac_key, None
        for keys in waiting:
            if self.hsm.verify_mac(MacKeyBlock(keys.mac_key), algorithm, covered, mac):
                return "next", keys.mac_key, keys
        return "bad", waiting[0].mac_key if waiting else terminal.mac_key, None

    def mac(self, key_text: str, dialect: Dialect, covered: bytes) -> bytes:
        """Field 64 of an answer."""
        return self.hsm.mac(MacKeyBlock(key_text), dialect.mac_algorithm, covered)

    def zone_mac(self, covered: bytes) -> bytes:
        """Field 64 on the line to the bank."""
        return self.hsm.mac(self.zone_mac_key, INTERBANK.mac_algorithm, covered)

    def zone_mac_fits(self, covered: bytes, mac: bytes) -> bool:
        """Whether the bank's MAC is right."""
        return self.hsm.verify_mac(self.zone_mac_key, INTERBANK.mac_algorithm, covered, mac)

    def bank_pin_block(self, request: PaymentRequest, pin_key: str) -> bytes | None:
        """The cardholder's PIN block under the bank's key; PinBlockError when it can't be built anew."""
        if request.pin_block is None or request.pan is None:
            return None
        without_pan = request.security_control[:1] == PIN_WITHOUT_PAN
        return self.hsm.translate_pin(
            request.pin_block,
            PinKeyBlock(pin_key),
            self.zone_pin_key,
            source_format=PinFormat.WITHOUT_PAN if without_pan else PinFormat.WITH_PAN,
            pan=request.pan,
        )

    def card_hash(self, pan: Pan) -> bytes:
        """The keyed hash by which a card is found again."""
        return self.hsm.fingerprint(self.fingerprint_key, b"card:" + pan.reveal().encode())

    def sign(self, data: bytes) -> bytes:
        """The host's signature, for checkpoints of provable records."""
        return self.hsm.sign(self.signing_key, data)

    def seal_webhook_secret(self, merchant_no: str, secret: Secret) -> bytes:
        """A webhook's secret as it is kept, bound to the shop."""
        return self.hsm.seal_document(self.fingerprint_key, secret.reveal().encode(), _webhook_context(merchant_no))

    def open_webhook_secret(self, merchant_no: str, sealed: bytes) -> Secret:
        """What was kept. DocumentDamaged when it was altered, or its row is another's."""
        return Secret(self.hsm.open_document(self.fingerprint_key, sealed, _webhook_context(merchant_no)).decode())

    @property
    def public_key(self) -> bytes:
        """By which anybody checks the host's signatures, 32 bytes."""
        return self.hsm.public_key(self.signing_key)

    def document_id(self, merchant_no: MerchantNo, belongs_to: str, content: bytes) -> str:
        """The name of a document: a keyed hash of its contents, bound to the shop and to what it belongs to."""
        bound = f"document:{merchant_no}:{belongs_to}:".encode()
        return self.hsm.fingerprint(self.fingerprint_key, bound + content).hex()

    def seal_document(self, merchant_no: MerchantNo, document_id: str, content: bytes) -> bytes:
        """The document as it is kept."""
        return self.hsm.seal_document(self.fingerprint_key, content, _document_context(merchant_no, document_id))

    def open_document(self, merchant_no: MerchantNo, document_id: str, sealed: bytes) -> bytes:
        """What was kept. DocumentDamaged when it was altered, or its row is another's."""
        return self.hsm.open_document(self.fingerprint_key, sealed, _document_context(merchant_no, document_id))

    def office_mark(self, kind: str, secret: Secret) -> str:
        """What is kept of a session's id, or of the secret in an invitation's link."""
        return self.hsm.fingerprint(self.fingerprint_key, f"office:{kind}:{secret.reveal()}".encode()).hex()

    def cursor_tag(self, body: bytes) -> bytes:
        """The keyed tag of a list's cursor (`views/questions/cursor.py`)."""
        return self.hsm.fingerprint(self.fingerprint_key, b"cursor:" + body)

    def request_hash(self, *parts: str) -> bytes:
        """The keyed hash over a request's business fields, by which a repeat is told from another request."""
        return self.hsm.fingerprint(self.fingerprint_key, b"request:" + "\x1f".join(parts).encode())

    def message_hash(self, salt: bytes, mac_key: str, body: bytes) -> bytes:
        """The keyed hash of a whole payment message under the key of its MAC, by which a repeat is told (`payments/repeats.py`)."""
        return self.hsm.fingerprint(self.fingerprint_key, b"message:" + salt + mac_key[-KEY_MARK:].encode() + body)

    def new_epoch(self) -> str:
        """The name of one sign-on of a terminal (`cup/values/epoch.py`)."""
        return self.hsm.new_salt()[:EPOCH_BYTES].hex()

    def password_hash(self, block: bytes, pin_key: str, account: PasswordAccount, context: bytes) -> bytes:
        """The keyed hash of the password in a block, by which a repeat is told from another try."""
        return self.hsm.fingerprint_password(block, PinKeyBlock(pin_key), self.fingerprint_key, account, context)

    def password_right(self, operator: Operator | None, pin_key: str, block: bytes, account: PasswordAccount) -> bool:
        """Whether the block holds the operator's password. The same work is done for a number that does not exist."""
        salt, verifier = (operator.salt, operator.verifier) if operator is not None else NO_PASSWORD
        right = self.hsm.verify_password(
            block,
            PinKeyBlock(pin_key),
            self.verifier_key,
            salt,
            verifier,
            account,
        )
        return right and operator is not None

    def said_password_right(self, operator: Operator | None, account: PasswordAccount, password: Secret) -> bool:
        """Whether this is the operator's password, which came in the clear over an encrypted line: the same verifier as for a block.

        The same work is done for a number that does not exist, and for what is no password.
        """
        salt, verifier = (operator.salt, operator.verifier) if operator is not None else NO_PASSWORD
        is_password = True
        try:
            made = self.hsm.make_verifier(self.verifier_key, salt, account, password)
        except PinRejected:
            is_password, made = False, self.hsm.make_verifier(self.verifier_key, salt, account, ANY_PASSWORD)
        return hmac.compare_digest(made, verifier) and is_password and operator is not None

    def new_phone_code(self, merchant_no: MerchantNo, terminal_no: TerminalNo) -> PhoneCode:
        """A code for a phone; its name is drawn, its secret follows from it."""
        name = name_of(self.hsm.new_salt())
        return PhoneCode(merchant_no, terminal_no, name, self._phone_secret(merchant_no, terminal_no, name))

    def is_phone_code(self, code: PhoneCode) -> bool:
        """Whether this host made the code, now or ever."""
        return code.secret == self._phone_secret(code.merchant_no, code.terminal_no, code.name)

    def _phone_secret(self, merchant_no: MerchantNo, terminal_no: TerminalNo, name: str) -> Secret:
        said = f"phone:{merchant_no}:{terminal_no}:{name}"
        return secret_of(self.hsm.fingerprint(self.fingerprint_key, said.encode()))

    def slip_link(self, merchant_no: MerchantNo, payment: str) -> SlipAddress:
        """Where the customer of a payment finds the slip: the same link whenever it is asked for."""
        name = self.hsm.fingerprint(self.fingerprint_key, f"slip-link:{merchant_no}:{payment}".encode())[:NAME_BYTES]
        return address_of(merchant_no, name, self._slip_secret(merchant_no, address_of(merchant_no, name, b"").name))

    def is_slip_link(self, link: SlipAddress) -> bool:
        """Whether this host made the link, now or ever."""
        return link.secret == address_of(link.merchant_no, b"", self._slip_secret(link.merchant_no, link.name)).secret

    def slip_document_id(self, link: SlipAddress) -> str:
        """The name of the document that a link leads to: a keyed hash of it, from which nobody makes a link."""
        return self.document_id(link.merchant_no, "slip-link", (link.name.reveal() + link.secret.reveal()).encode())

    def _slip_secret(self, merchant_no: MerchantNo, name: Secret) -> bytes:
        return self.hsm.fingerprint(self.fingerprint_key, f"slip:{merchant_no}:{name.reveal()}".encode())

    def new_password(
        self,
        block: bytes,
        pin_key: str,
        account: PasswordAccount,
        policy: Policy,
        earlier: Sequence[tuple[bytes, bytes]],
    ) -> NewPassword:
        """The vault's verdict on a new password: salt and verifier, or the reason against it."""
        salt = self.hsm.new_salt()
        outcome = self.hsm.accept_new_password(
            block,
            PinKeyBlock(pin_key),
            self.verifier_key,
            account,
            NewPasswordRules(policy.password_digits_min, policy.password_digits_max, policy.password_banned_patterns),
            salt,
            earlier,
        )
        return NewPassword(fault=outcome) if isinstance(outcome, str) else NewPassword(salt=salt, verifier=outcome)

    def check_code(self, secret: str, code: str, now: UnixMs, digits: int, steps_back: int) -> CodeVerdict:
        """The vault's verdict on a sign-in code."""
        return self.hsm.check_code(CodeKeyBlock(secret), code, now // 1000, digits=digits, steps_back=steps_back)

    @staticmethod
    def same_text(said: str, wanted: str) -> bool:
        """Compare two secrets in constant time."""
        return hmac.compare_digest(said.encode(), wanted.encode())

    def seal_shift_code(self, merchant_no: MerchantNo, code: Secret) -> str:
        """What is kept of a shop's sign-in code: a keyed hash that only this vault makes, bound to the shop."""
        said = f"shift-code:{merchant_no}:{code.reveal()}"
        return SEALED_CODE + self.hsm.fingerprint(self.fingerprint_key, said.encode()).hex()

    def shift_code_right(self, merchant_no: MerchantNo, said: Secret, kept: str) -> bool:
        """Whether somebody said the shop's code. One that an earlier version kept in clear still holds, until it is sealed."""
        wanted = self.seal_shift_code(merchant_no, said) if kept.startswith(SEALED_CODE) else said.reveal()
        return bool(kept) and self.same_text(wanted, kept)

    def badge_mark(self, merchant_no: MerchantNo, badge: Secret) -> bytes:
        """What is kept of a badge's secret: a keyed hash that only this vault makes, bound to the shop."""
        return self.hsm.make_badge_mark(self.fingerprint_key, badge, merchant_no.encode())

    def shown_mark(self, merchant_no: MerchantNo, pin_key: str, block: bytes, context: bytes) -> bytes:
        """The same of the secret in a block."""
        return self.hsm.badge_mark(block, PinKeyBlock(pin_key), self.fingerprint_key, merchant_no.encode(), context)

    def badge_right(
        self, badge: Badge | None, merchant_no: MerchantNo, pin_key: str, block: bytes, context: bytes
    ) -> bool:
        """Whether the block holds the badge's secret. The same work is done for a badge that does not exist."""
        mark = self.shown_mark(merchant_no, pin_key, block, context)
        right = hmac.compare_digest(mark, badge.mark if badge is not None else NO_BADGE)
        return right and badge is not None

    def new_working_keys(self, terminal: Terminal, network_code: str, dialect: Dialect) -> tuple[bytes, NewKeys]:
        """Fresh keys for a sign-in: field 62, and the sealed blocks to keep."""
        key_set = KeySet(network_code)
        keys = self.hsm.new_working_keys(
            TerminalMasterKeyBlock(terminal.master_key), key_set, mak_double=_mak_double(dialect, key_set)
        )
        return keys.field_62, NewKeys(
            pin_key=keys.pin_key.text,
            mac_key=keys.mac_key.text,
            track_key=keys.track_key.text if keys.track_key is not None else "",
        )

    def working_keys_again(
        self, terminal: Terminal, network_code: str, dialect: Dialect, keys: NewKeys
    ) -> tuple[bytes, NewKeys] | None:
        """The same for keys that wait already; None when they can't be written as this kind of keys."""
        key_set = KeySet(network_code)
        field_62 = self.hsm.working_keys_again(
            TerminalMasterKeyBlock(terminal.master_key),
            key_set,
            PinKeyBlock(keys.pin_key),
            MacKeyBlock(keys.mac_key),
            TrackKeyBlock(keys.track_key) if keys.track_key else None,
            mak_double=_mak_double(dialect, key_set),
        )
        return (field_62, keys) if field_62 is not None else None


def _webhook_context(merchant_no: str) -> bytes:
    return f"webhook:{merchant_no}".encode()


def _document_context(merchant_no: MerchantNo, document_id: str) -> bytes:
    return f"document:{merchant_no}:{document_id}".encode()


def _mak_double(dialect: Dialect, key_set: KeySet) -> bool:
    return dialect.double_mac_key and key_set is not KeySet.SINGLE


def create_host_keys(hsm: Hsm, path: Path) -> HostKeys:
    """Make the host's own keys and keep them, sealed, in a file that must not exist yet."""
    texts = HostKeyTexts(
        zone_pin_key=hsm.new_zone_pin_key().text,
        zone_mac_key=hsm.new_zone_mac_key().text,
        verifier_key=hsm.new_verifier_key().text,
        fingerprint_key=hsm.new_fingerprint_key().text,
        signing_key=hsm.new_signing_key().text,
        wallet_key=hsm.new_wallet_key().text,
    )
    write_key_file(path, msgspec.json.encode(texts).decode())
    return HostKeys(hsm, texts)


def shared_wallet_key(hsm: Hsm, path: Path) -> WalletKeyBlock:
    """The key that the host shares with wallets; made where the file has none yet."""
    texts = _read_texts(path)
    if not texts.wallet_key:
        texts = msgspec.structs.replace(texts, wallet_key=hsm.new_wallet_key().text)
        replace_key_file(path, msgspec.json.encode(texts).decode())
    return WalletKeyBlock(texts.wallet_key)


def open_host_keys(hsm: Hsm, path: Path) -> HostKeys:
    """Read the host's own keys. Misuse when the file is not what it should be."""
    return HostKeys(hsm, _read_texts(path))


def _read_texts(path: Path) -> HostKeyTexts:
    try:
        return msgspec.json.decode(read_key_file(path), type=HostKeyTexts)
    except BAD_JSON:
        raise Misuse(f"{path} does not hold the host's keys; restore it from a backup") from None

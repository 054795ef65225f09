"""Setting a bank up: its vault, its tables and cards, and the zone keys that it shares with the host."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from ..basics.chance import Chance
from ..basics.errors import Misuse
from ..basics.numbers import UnixMs
from ..basics.secret import Pan, Secret, mask_pan
from ..cup.values.issuer_script import OFFLINE_LIMIT_MAX
from ..edges.sqlite import Connection, open_durable
from ..vault.hsm import Hsm
from ..vault.keyfile import read_key_file, write_key_file
from ..vault.keys import (
    ChipMasterKeyBlock,
    ChipScriptKeyBlock,
    FingerprintKeyBlock,
    KeyBlock,
    VerifierKeyBlock,
    ZoneMacKeyBlock,
    ZonePinKeyBlock,
)
from ..vault.local import LOCAL_KEY_BYTES
from ..vault.sealed import seal, unseal
from ..vault.software import SoftwareHsm
from .accounts import Card, CardScript, ScriptOrder
from .cards import TEST_CARDS, ChipKeys, Phone, TestCard, write_card_files
from .checks import card_id_of, phone_key_of, track_hash_of
from .keys import BankKeys, CardKeys
from .schema import create_tables, database_path, open_bank_file
from .store import add_card, add_phone, add_script, all_scripts, begin, commit, rollback

K = TypeVar("K", bound=KeyBlock)

FINGERPRINT, VERIFIER, CHIP, SCRIPT = "fingerprint", "verifier", "chip", "script"
ZONE_PIN, ZONE_MAC = "zone-pin", "zone-mac"
_SET_KEY = "INSERT INTO keys VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET block = excluded.block"


def key_path(data_dir: Path) -> Path:
    """Where the bank's sealed local key lies; the host's is elsewhere, they share nothing but the zone keys."""
    return data_dir / "bank" / "local.key"


def open_vault(data_dir: Path, passphrase: Secret, chance: Chance) -> SoftwareHsm:
    """The bank's own vault. Its local key is made on the first call, sealed by the passphrase, in a file of mode 0600.

    Raises what `vault.keyfile` and `vault.sealed` raise: a wrong passphrase, a damaged or an open file.
    """
    path = key_path(data_dir)
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misuse(
                f"can't make the folder {path.parent}: {error.strerror}. "
                "Give a folder that you may write to, with --data DIR."
            ) from error
        write_key_file(path, seal(chance.take_secret(LOCAL_KEY_BYTES), passphrase, chance))
    return SoftwareHsm(unseal(read_key_file(path), passphrase), chance)


def bank_exists(data_dir: Path) -> bool:
    """Whether a bank was set up in this folder."""
    return database_path(data_dir).exists()


def create_bank(data_dir: Path, hsm: Hsm) -> None:
    """Make the tables, the bank's own keys and all test cards with their opening balances, in one transaction.

    Misuse when there is a bank already; its accounts are never overwritten.
    """
    path = database_path(data_dir)
    if path.exists():
        raise Misuse(
            f"{path} is there already and is not overwritten. Move it away first to begin with fresh accounts."
        )
    draft = path.with_suffix(".draft")
    for leftover in path.parent.glob(draft.name + "*"):
        leftover.unlink()
    connection = open_durable(draft)
    try:
        begin(connection)
        create_tables(connection)
        keys = CardKeys(
            hsm.new_fingerprint_key(), hsm.new_verifier_key(), hsm.new_chip_master_key(), hsm.new_chip_script_key()
        )
        for name, block in (
            (FINGERPRINT, keys.fingerprint_key),
            (VERIFIER, keys.verifier_key),
            (CHIP, keys.chip_key),
            (SCRIPT, keys.script_key),
        ):
            connection.execute(_SET_KEY, (name, block.text))
        for test_card in TEST_CARDS:
            card = _card(hsm, keys, test_card)
            add_card(connection, card, test_card.balance_fen)
            add_phone(connection, card.card_id)
        commit(connection)
    except Exception:
        rollback(connection)
        raise
    finally:
        # The last connection folds the log into the file, so that the draft is whole when it takes its name.
        connection.close()
    draft.rename(path)


def accept_zone_keys(data_dir: Path, hsm: Hsm, pin_key_text: str, mac_key_text: str, transport_key: bytes) -> None:
    """Take over the zone keys that the host's vault exported as TR-31 blocks under a transport key of 32 bytes.

    Both or none. A bank that is running goes on with the old ones until it is started again. KeyBlockRejected when a
    block is damaged, under another key, or of another purpose.
    """
    pin_key = hsm.import_block(pin_key_text, transport_key, ZonePinKeyBlock)
    mac_key = hsm.import_block(mac_key_text, transport_key, ZoneMacKeyBlock)
    connection = open_bank_file(data_dir)
    try:
        begin(connection)
        connection.executemany(_SET_KEY, [(ZONE_PIN, pin_key.text), (ZONE_MAC, mac_key.text)])
        commit(connection)
    finally:
        rollback(connection)
        connection.close()


def export_cards(data_dir: Path, hsm: Hsm, directory: Path) -> list[Path]:
    """Write one file for each test card, for the virtual card readers of terminals; readable by their owner only.

    The files hold card numbers and chip keys in the clear: they *are* the cards.
    """
    connection = open_bank_file(data_dir)
    try:
        keys = load_card_keys(connection, hsm)
        phones = dict(connection.execute("SELECT card_id, phone FROM phones").fetchall())
    finally:
        connection.close()

    def phone(card: TestCard) -> Phone:
        card_id = card_id_of(hsm, keys, Pan(card.pan))
        return phones[card_id], phone_key_of(hsm, keys, card_id)

    return write_card_files(directory, lambda card: _chip_keys(hsm, keys, card), phone)


def issue_cards(data_dir: Path, hsm: Hsm, cards: Sequence[TestCard]) -> list[tuple[ChipKeys, Phone]]:
    """Issue more cards, each with an account of its own and a phone; the answer is what their chips and phones hold, in this order.

    No file is written of them: whoever asks for them is their holder.
    """
    connection = open_bank_file(data_dir)
    try:
        keys = load_card_keys(connection, hsm)
        begin(connection)
        held = []
        for card in cards:
            row = _card(hsm, keys, card)
            add_card(connection, row, card.balance_fen)
            phone = add_phone(connection, row.card_id)
            held.append((_chip_keys(hsm, keys, card), (phone, phone_key_of(hsm, keys, row.card_id))))
        commit(connection)
        return held
    finally:
        rollback(connection)
        connection.close()


def reset_pin_tries(data_dir: Path, hsm: Hsm, pan: str) -> None:
    """Unlock a card that wrong PINs locked, also while the bank runs. Misuse when there is no such card."""
    connection = open_bank_file(data_dir)
    try:
        card_id = card_id_of(hsm, load_card_keys(connection, hsm), Pan(pan))
        if not connection.execute("UPDATE cards SET pin_tries = 0 WHERE card_id = ?", (card_id,)).rowcount:
            raise Misuse("the bank has no card of this number; docs/reference/test-cards.md lists its cards")
    finally:
        connection.close()


def order_script(data_dir: Path, hsm: Hsm, pan: str, order: ScriptOrder, value: int, now: UnixMs) -> int:
    """Have a chip told something with the next answer to it, also while the bank runs; the answer is the script's number.

    Misuse when there is no such card, or it has no chip.
    """
    if not 0 <= value <= OFFLINE_LIMIT_MAX:
        raise Misuse(f"an offline limit is a number from 0 to {OFFLINE_LIMIT_MAX}")
    connection = open_bank_file(data_dir)
    try:
        card_id = card_id_of(hsm, load_card_keys(connection, hsm), Pan(pan))
        row = connection.execute("SELECT has_chip FROM cards WHERE card_id = ?", (card_id,)).fetchone()
        if row is None or not row[0]:
            raise Misuse("the bank has no chip card of this number; docs/reference/test-cards.md lists its cards")
        return add_script(connection, card_id, order, value, now)
    finally:
        connection.close()


def ordered_scripts(data_dir: Path) -> list[CardScript]:
    """Every script that was ordered, newest first."""
    connection = open_bank_file(data_dir)
    try:
        return all_scripts(connection)
    finally:
        connection.close()


def load_card_keys(connection: Connection, hsm: Hsm) -> CardKeys:
    """The bank's own keys. KeyBlockRejected when another vault sealed them."""
    if connection.execute("SELECT 1 FROM keys WHERE name = ?", (SCRIPT,)).fetchone() is None:
        # A bank from before it had anything to tell its chips: their files have no such key until they are written again.
        connection.execute(
            "INSERT INTO keys VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (SCRIPT, hsm.new_chip_script_key().text)
        )
    return CardKeys(
        _key(connection, hsm, FINGERPRINT, FingerprintKeyBlock),
        _key(connection, hsm, VERIFIER, VerifierKeyBlock),
        _key(connection, hsm, CHIP, ChipMasterKeyBlock),
        _key(connection, hsm, SCRIPT, ChipScriptKeyBlock),
    )


def load_bank_keys(connection: Connection, hsm: Hsm) -> BankKeys:
    """All keys of the bank. Misuse while it has no zone keys."""
    own = load_card_keys(connection, hsm)
    return BankKeys(
        own.fingerprint_key,
        own.verifier_key,
        own.chip_key,
        own.script_key,
        _key(connection, hsm, ZONE_PIN, ZonePinKeyBlock),
        _key(connection, hsm, ZONE_MAC, ZoneMacKeyBlock),
    )


def _key(connection: Connection, hsm: Hsm, name: str, kind: type[K]) -> K:
    row = connection.execute("SELECT block FROM keys WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise Misuse(f"the bank has no {name} key yet. Exchange the zone keys with the host before it starts.")
    block = kind(row[0])
    # Opening it now tells a wrong vault at start, not at the first payment.
    hsm.check_value(block)
    return block


def _chip_keys(hsm: Hsm, keys: CardKeys, card: TestCard) -> ChipKeys:
    pan = Pan(card.pan)
    return ChipKeys(
        hsm.issue_card_key(keys.chip_key, pan, card.sequence),
        hsm.issue_script_key(keys.script_key, pan, card.sequence),
    )


def _card(hsm: Hsm, keys: CardKeys, card: TestCard) -> Card:
    pan = Pan(card.pan)
    return Card(
        card_id=card_id_of(hsm, keys, pan),
        masked_pan=mask_pan(card.pan),
        account_no=f"card-{card.id}",
        status=card.status,
        behaviour=card.behaviour,
        expiry_yymm=card.expiry_yymm,
        track_hash=track_hash_of(hsm, keys, card.track2) if card.track_checked else "",
        has_chip=card.chip,
        counter=0,
        pin=hsm.make_pin_reference(keys.verifier_key, pan, Secret(card.pin)),
        pin_tries=card.pin_tries,
        single_limit_fen=card.single_limit_fen,
        contactless_free_fen=card.contactless_free_fen,
    )

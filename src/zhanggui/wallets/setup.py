"""Setting the wallets up: their vault, their file, and the key that they share with the host."""

from pathlib import Path

from ..basics.chance import Chance
from ..basics.errors import Misuse
from ..basics.secret import Secret
from ..vault.hsm import Hsm
from ..vault.keyfile import read_key_file, write_key_file
from ..vault.keys import WalletKeyBlock
from ..vault.local import LOCAL_KEY_BYTES
from ..vault.sealed import seal, unseal
from ..vault.software import SoftwareHsm
from .store import WalletsFile, create_wallets_file, database_path

HOST_KEY = "host"


def key_path(data_dir: Path) -> Path:
    """Where the wallets' sealed local key lies."""
    return data_dir / "wallets" / "local.key"


def wallets_are_set_up(data_dir: Path) -> bool:
    """Whether there are wallets in this folder, and they share a key with the host."""
    if not database_path(data_dir).exists():
        return False
    file = WalletsFile(data_dir)
    try:
        return file.reading.key_block(HOST_KEY) is not None
    finally:
        file.close()


def open_vault(data_dir: Path, passphrase: Secret, chance: Chance) -> SoftwareHsm:
    """The wallets' own vault; its local key is made on the first call."""
    path = key_path(data_dir)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_key_file(path, seal(chance.take_secret(LOCAL_KEY_BYTES), passphrase, chance))
    return SoftwareHsm(unseal(read_key_file(path), passphrase), chance)


def accept_host_key(data_dir: Path, hsm: Hsm, key_text: str, transport_key: bytes) -> None:
    """Make the file where there is none, and take over the key that the host's vault exported under a transport key of 32 bytes."""
    create_wallets_file(data_dir)
    block = hsm.import_block(key_text, transport_key, WalletKeyBlock)
    file = WalletsFile(data_dir)
    try:
        with file.writing() as rows:
            rows.put_key_block(HOST_KEY, block.text)
    finally:
        file.close()


def host_key_of(file: WalletsFile, hsm: Hsm) -> WalletKeyBlock:
    """The key shared with the host. Misuse while there is none."""
    text = file.reading.key_block(HOST_KEY)
    if text is None:
        raise Misuse(
            "the wallets share no key with a host yet. Start 'zhanggui up' or 'zhanggui wallets' beside its data."
        )
    block = WalletKeyBlock(text)
    hsm.check_value(block)
    return block

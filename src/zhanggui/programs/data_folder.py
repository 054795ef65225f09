"""Where things lie in a data folder, and what opens it.

<data>/host/   host.db, local.key (sealed), keys.json, checkpoints.jsonl      <data>/bank/, <data>/bank.db      <data>/cards/
<data>/wallets/, <data>/wallets.db
<data>/terminals/NUMBER/                                    <data>/demo-passphrase, in demo data only
"""

from pathlib import Path

from ..basics.chance import Chance
from ..basics.errors import Misuse
from ..basics.secret import Secret
from ..vault.keyfile import read_key_file, write_key_file
from ..vault.local import LOCAL_KEY_BYTES
from ..vault.sealed import seal, unseal
from ..vault.software import SoftwareHsm
from .settings import Settings

DEMO_MARK = "demo data"
"""How the file `complete` of demo data begins, from the first version on."""
DEMO_PASSPHRASE_FILE = "demo-passphrase"  # noqa: S105  # a file name


class Places:
    """Where things lie in a data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.host_database = data / "host" / "host.db"
        self.host_local_key = data / "host" / "local.key"
        self.host_keys = data / "host" / "keys.json"
        self.host_checkpoints = data / "host" / "checkpoints.jsonl"
        self.host_mark = data / "host" / "mark.json"
        """How far reference numbers were reserved (`host/jobs/start_state.py`)."""
        self.exports = data / "host" / "exports"
        """Files of lists that wait to be taken (`programs/export_files.py`)."""
        self.host_lock = data / "host" / "host.lock"
        self.host_socket = data / "host" / "office.sock"
        """Where an office of its own asks the host."""
        self.office_lock = data / "office" / "office.lock"
        self.bank_lock = data / "bank" / "bank.lock"
        self.wallets_lock = data / "wallets" / "wallets.lock"
        self.cards = data / "cards"
        self.page_devices = data / "page" / "devices.json"
        """Hashes of the secrets of devices that were paired with the page."""
        self.page_certificate = data / "page" / "certificate.pem"
        self.page_key = data / "page" / "key.pem"
        self.office_certificate = data / "office" / "certificate.pem"
        self.office_key = data / "office" / "key.pem"
        self.phone_certificate = data / "phone" / "certificate.pem"
        self.phone_key = data / "phone" / "key.pem"
        self.demo_passphrase = data / DEMO_PASSPHRASE_FILE
        self.complete = data / "complete"
        """Written last when a data folder is made: without it the making was interrupted."""

    @property
    def is_demo(self) -> bool:
        """Whether this is demo data, where test keys are allowed: as the data say of themselves, with any passphrase."""
        try:
            made = self.complete.read_text(encoding="utf-8", errors="replace")
        except OSError:
            made = ""
        return made.startswith(DEMO_MARK) or self.demo_passphrase.exists()


def passphrase_of(settings: Settings, places: Places) -> Secret:
    """The passphrase that opens the sealed keys: as set, or the demo's own. Misuse when there is neither."""
    given = settings.passphrase_secret()
    if given is not None:
        return given
    if places.demo_passphrase.exists():
        return Secret(read_key_file(places.demo_passphrase).strip())
    raise Misuse("the keys are sealed: give their passphrase in the environment variable ZHANGGUI_PASSPHRASE")


def make_host_vault(places: Places, passphrase: Secret, chance: Chance) -> SoftwareHsm:
    """Make the host's local key, sealed by the passphrase. The file must not exist yet."""
    local_key = chance.take_secret(LOCAL_KEY_BYTES)
    places.host_local_key.parent.mkdir(parents=True, exist_ok=True)
    write_key_file(places.host_local_key, seal(local_key, passphrase, chance))
    return SoftwareHsm(local_key, chance)


def open_host_vault(settings: Settings, places: Places, chance: Chance) -> SoftwareHsm:
    """Open the host's vault."""
    require_data(places)
    sealed = read_key_file(places.host_local_key)
    return SoftwareHsm(unseal(sealed, passphrase_of(settings, places)), chance)


def require_data(places: Places) -> None:
    """Misuse when the folder holds no data, or its making was interrupted."""
    if not places.complete.exists():
        if places.host_local_key.exists():
            raise Misuse(
                f"the data in {places.data} were not finished (the program was interrupted while making them). "
                "Remove the folder and start again."
            )
        raise Misuse(
            f"there are no data in {places.data}. Make demo data with 'zhanggui demo-data', or start everything with 'zhanggui up'."
        )


def terminal_lock(data: Path, number: str) -> Path:
    """The lock of one terminal: two programs with one journal would undo each other's payments."""
    return data / "terminals" / number / "terminal.lock"


def store_target(settings: Settings, places: Places) -> str:
    """Where the host's rows are: the set database, or the SQLite file of the data folder."""
    return settings.host.store or str(places.host_database)


def check_folder(folder: Path) -> None:
    """Misuse when the data folder can't be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Misuse(
            f"can't write to {folder}: {error.strerror or error}. Give a folder that you may write to, with --data DIR."
        ) from error

"""Files of a data folder are their owner's: 0600, folders 0700, whatever the umask says and however old they are.

Key files are left as they are: whoever reads one refuses it while others may read it too, and says so, because a key that was
open is no secret any more, and closing it in silence would hide that.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
OWNERS_MASK = 0o077
OURS = (
    *("host", "bank", "wallets", "cards", "terminals", "complete"),
    *(f"{name}.db{part}" for name in ("bank", "wallets") for part in ("", "-wal", "-shm")),
)
"""What lies at the top of a data folder; beside it a person may keep what is his, in a folder of that choice."""
LOGS = "zhanggui.log*"
KEY_FILES = frozenset({"local.key", "keys.json", "device.key", "pin_pad.json", "demo-passphrase"})


def keep_new_files_private() -> None:
    """From now on this process makes files and folders for its owner alone."""
    os.umask(OWNERS_MASK)


def close_to_others(data: Path) -> int:
    """Take from others what an earlier version left open; the answer is how many files and folders that were.

    What can't be changed (another owner's) stays as it is.
    """
    closed = 0
    for path in _ours(data):
        with suppress(OSError):
            mode = path.lstat().st_mode
            if mode & OTHERS and (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and path.name not in KEY_FILES:
                path.chmod(stat.S_IMODE(mode) & ~OTHERS)
                closed += 1
    return closed


def _ours(data: Path) -> Iterator[Path]:
    for top in (*(data / name for name in OURS), *data.glob(LOGS)):
        yield top
        if top.is_dir() and not top.is_symlink():
            yield from top.rglob("*")

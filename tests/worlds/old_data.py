"""Data folders that earlier versions of the program left behind, unpacked for a test."""

import tarfile
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures" / "old_data"
OLD_DATA = sorted(FIXTURES.glob("*.tar.xz"))


def unpack(archive: Path, folder: Path) -> Path:
    """The data folder of this archive, in `folder`."""
    data = folder / "data"
    data.mkdir()
    with tarfile.open(archive) as packed:
        packed.extractall(data, filter="data")
    return data

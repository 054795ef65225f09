"""The wallets of a data folder: made once, sharing a key with the host, also in a folder from before there were wallets."""

from pathlib import Path

import msgspec
import pytest
from tests.worlds.old_data import OLD_DATA, unpack

from zhanggui.basics.chance import SystemChance
from zhanggui.programs.data_folder import Places
from zhanggui.programs.settings import Settings
from zhanggui.programs.wallets import set_up_wallets
from zhanggui.vault.keys import WalletKeyBlock
from zhanggui.wallets.setup import host_key_of, wallets_are_set_up
from zhanggui.wallets.store import WalletsFile


@pytest.mark.parametrize("archive", OLD_DATA, ids=lambda archive: archive.name.partition(".")[0])
def test_an_old_folder_gets_wallets_and_a_key_and_keeps_its_other_keys(archive: Path, tmp_path: Path) -> None:
    folder = unpack(archive, tmp_path)
    settings = Settings(data=str(folder))
    keys = Places(folder).host_keys
    before = msgspec.json.decode(keys.read_bytes())
    assert "wallet_key" not in before
    vault = set_up_wallets(settings, SystemChance())
    after = msgspec.json.decode(keys.read_bytes())
    assert {name: text for name, text in after.items() if name != "wallet_key"} == before
    assert keys.stat().st_mode & 0o077 == 0
    file = WalletsFile(folder)
    shared = host_key_of(file, vault)
    file.close()
    assert isinstance(shared, WalletKeyBlock)
    assert wallets_are_set_up(folder)
    set_up_wallets(settings, SystemChance())
    assert msgspec.json.decode(keys.read_bytes()) == after

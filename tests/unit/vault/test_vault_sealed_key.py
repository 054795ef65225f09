"""The local key at rest: sealed text, and the file it stands in."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.secret import Secret
from zhanggui.vault.errors import (
    KeyFileRefused,
    KeyFileUnusable,
    PassphraseTooShort,
    SealedFileDamaged,
    WrongPassphrase,
)
from zhanggui.vault.keyfile import read_key_file, write_key_file
from zhanggui.vault.sealed import TEXT_BYTES_MAX, _Body, seal, unseal

LOCAL_KEY = bytes(range(32))
PASSPHRASE = Secret("correct horse battery")


@pytest.fixture(scope="module")
def text() -> str:
    return seal(LOCAL_KEY, PASSPHRASE, SeededChance(1))


def resealed(text: str, **changes: Any) -> str:
    """The text with fields changed and its checksum made to fit again, as a forger would."""
    held = json.loads(text)
    held["key"].update(changes)
    body = msgspec.convert(held["key"], _Body)
    held["checksum"] = body.checksum()
    return json.dumps(held)


def test_the_passphrase_opens_it(text: str) -> None:
    assert unseal(text, PASSPHRASE) == LOCAL_KEY
    assert LOCAL_KEY.hex() not in text
    assert json.loads(text)["key"]["kdf"] == "scrypt"


def test_another_passphrase_does_not(text: str) -> None:
    with pytest.raises(WrongPassphrase) as caught:
        unseal(text, Secret("correct horse batterx"))
    assert "correct" not in str(caught.value)


def test_the_input_method_does_not_matter() -> None:
    assert unseal(seal(LOCAL_KEY, Secret("密码ｐａｓｓ1234"), SeededChance(1)), Secret("密码pass1234")) == LOCAL_KEY


def test_sealing_twice_gives_different_texts() -> None:
    chance = SeededChance(1)
    assert seal(LOCAL_KEY, PASSPHRASE, chance) != seal(LOCAL_KEY, PASSPHRASE, chance)


@pytest.mark.parametrize("passphrase", ["", "short", "1234567"])
def test_a_short_passphrase_is_refused(passphrase: str) -> None:
    with pytest.raises(PassphraseTooShort, match="8 characters"):
        seal(LOCAL_KEY, Secret(passphrase), SeededChance(1))


def test_a_local_key_has_thirty_two_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(bytes(16), PASSPHRASE, SeededChance(1))


def test_damage_is_told_from_a_wrong_passphrase(text: str) -> None:
    held = json.loads(text)
    sealed = held["key"]["sealed"]
    held["key"]["sealed"] = ("A" if sealed[0] != "A" else "B") + sealed[1:]
    for damaged in (
        json.dumps(held),
        text[:-20],
        "",
        "{}",
        "[]",
        "\x00" * 50,
        text.replace("scrypt", "scrapt"),
        text.replace("32768", "9" * 30),
    ):
        with pytest.raises(SealedFileDamaged, match="backup"):
            unseal(damaged, PASSPHRASE)


def test_a_long_text_is_not_even_read(text: str) -> None:
    with pytest.raises(SealedFileDamaged, match=str(TEXT_BYTES_MAX)):
        unseal(text + " " * TEXT_BYTES_MAX, PASSPHRASE)


@pytest.mark.parametrize(
    "changes",
    [{"n": 1 << 30}, {"n": 0}, {"n": 1}, {"n": 32767}, {"r": 1000}, {"r": 0}, {"p": 1000}, {"p": -1}],
)
def test_a_forged_file_can_not_ask_for_boundless_work(changes: dict[str, int], text: str) -> None:
    with pytest.raises(SealedFileDamaged, match="out of bounds"):
        unseal(resealed(text, **changes), PASSPHRASE)


@pytest.mark.parametrize("changes", [{"salt": ""}, {"nonce": "AAAA"}, {"sealed": "AAAA"}])
def test_parts_of_impossible_length_are_refused(changes: dict[str, str], text: str) -> None:
    with pytest.raises(SealedFileDamaged, match="wrong length"):
        unseal(resealed(text, **changes), PASSPHRASE)


def test_what_the_file_says_about_itself_is_authenticated(text: str) -> None:
    with pytest.raises(WrongPassphrase):
        unseal(resealed(text, n=1 << 14), PASSPHRASE)


def test_the_file_is_the_owners_alone_and_reads_back(tmp_path: Path, text: str) -> None:
    path = tmp_path / "local.key"
    previous = os.umask(0)
    try:
        write_key_file(path, text)
    finally:
        os.umask(previous)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key_file(path) == text
    assert [entry.name for entry in tmp_path.iterdir()] == ["local.key"]


def test_an_existing_file_is_never_overwritten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "local.key"
    write_key_file(path, text)
    with pytest.raises(KeyFileRefused, match="not overwritten"):
        write_key_file(path, "other")
    assert read_key_file(path) == text
    assert [entry.name for entry in tmp_path.iterdir()] == ["local.key"]


def test_a_missing_folder_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(KeyFileUnusable, match="can't be written"):
        write_key_file(tmp_path / "none" / "local.key", text)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileRefused, match="missing"):
        read_key_file(tmp_path / "local.key")
    with pytest.raises(KeyFileUnusable, match="can't be read"):
        read_key_file(tmp_path)


def test_a_file_open_to_others_is_refused_with_the_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "local.key"
    write_key_file(path, text)
    path.chmod(0o644)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        read_key_file(path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (TEXT_BYTES_MAX + 1)])
def test_a_file_that_is_no_sealed_key_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "local.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SealedFileDamaged):
        read_key_file(path)

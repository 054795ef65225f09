"""A software vault with one key of each purpose."""

from dataclasses import dataclass

import pytest

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import MerchantNo, OperatorNo
from zhanggui.basics.secret import Pan
from zhanggui.vault.hsm import Hsm, KeySet
from zhanggui.vault.keys import (
    ChipMasterKeyBlock,
    ChipScriptKeyBlock,
    CodeKeyBlock,
    FingerprintKeyBlock,
    KeyBlock,
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
from zhanggui.vault.pinblock import PasswordAccount
from zhanggui.vault.software import SoftwareHsm


@dataclass(frozen=True)
class Ring:
    """One key of each purpose, all of one vault."""

    tmk: TerminalMasterKeyBlock
    pik: PinKeyBlock
    mak: MacKeyBlock
    tdk: TrackKeyBlock
    zone_pin: ZonePinKeyBlock
    zone_mac: ZoneMacKeyBlock
    verifier: VerifierKeyBlock
    fingerprint: FingerprintKeyBlock
    chip: ChipMasterKeyBlock
    chip_script: ChipScriptKeyBlock
    code: CodeKeyBlock
    wallet: WalletKeyBlock
    signing: SigningKeyBlock

    def all(self) -> list[KeyBlock]:
        return [
            self.tmk,
            self.pik,
            self.mak,
            self.tdk,
            self.zone_pin,
            self.zone_mac,
            self.verifier,
            self.fingerprint,
            self.chip,
            self.chip_script,
            self.code,
            self.wallet,
            self.signing,
        ]


@pytest.fixture
def hsm() -> Hsm:
    # Annotated as the port: so the type checker proves that the software vault is one.
    return SoftwareHsm(bytes(range(32)), SeededChance(20261123))


@pytest.fixture
def ring(hsm: Hsm) -> Ring:
    tmk = hsm.new_terminal_master_key()
    working = hsm.new_working_keys(tmk, KeySet.DOUBLE_TRACK)
    assert working.track_key is not None
    return Ring(
        tmk,
        working.pin_key,
        working.mac_key,
        working.track_key,
        hsm.new_zone_pin_key(),
        hsm.new_zone_mac_key(),
        hsm.new_verifier_key(),
        hsm.new_fingerprint_key(),
        hsm.new_chip_master_key(),
        hsm.new_chip_script_key(),
        hsm.new_code_key(),
        hsm.new_wallet_key(),
        hsm.new_signing_key(),
    )


@pytest.fixture
def pan() -> Pan:
    return Pan("6217000000000000012")


@pytest.fixture
def account() -> PasswordAccount:
    return PasswordAccount(MerchantNo("102100058120001"), OperatorNo("01"))

"""The bank's keys, each sealed by the bank's own vault."""

from dataclasses import dataclass

from ..vault.keys import (
    ChipMasterKeyBlock,
    ChipScriptKeyBlock,
    FingerprintKeyBlock,
    VerifierKeyBlock,
    ZoneMacKeyBlock,
    ZonePinKeyBlock,
)


@dataclass(frozen=True, slots=True)
class CardKeys:
    """What the bank made for itself: hashes of card numbers, PIN verifiers, keys of its chips."""

    fingerprint_key: FingerprintKeyBlock
    verifier_key: VerifierKeyBlock
    chip_key: ChipMasterKeyBlock
    script_key: ChipScriptKeyBlock


@dataclass(frozen=True, slots=True)
class BankKeys(CardKeys):
    """With the zone keys that it shares with the host."""

    zone_pin_key: ZonePinKeyBlock
    zone_mac_key: ZoneMacKeyBlock

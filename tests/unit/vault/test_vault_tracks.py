"""Track encryption: the window, short tracks, and what is no track."""

import psec
import pytest
from tests.unit.vault.conftest import Ring

from zhanggui.vault.errors import KeyMisuse, TrackError
from zhanggui.vault.hsm import Hsm, KeySet
from zhanggui.vault.keys import KeyAlgorithm, TerminalMasterKeyBlock
from zhanggui.vault.track import SHORTEST_NIBBLES, TRACK_NIBBLES_MAX, window_of

TRACK_2 = "6217000000000000012D49121010000000000"
TRACK_3 = "99" + TRACK_2.replace("D", "1") + "D156" + "0" * 50


@pytest.mark.parametrize("track", [TRACK_2, TRACK_2[:-1], TRACK_3, "1" * 17, "12D4", "1", TRACK_2.replace("D", "=")])
def test_a_track_comes_back(track: str, hsm: Hsm, ring: Ring) -> None:
    sealed = hsm.encrypt_track(ring.tdk, track)
    assert len(sealed) == max(len(track), SHORTEST_NIBBLES)
    assert sealed != track
    assert hsm.decrypt_track(ring.tdk, sealed) == track.replace("=", "D")


@pytest.mark.parametrize("length", range(SHORTEST_NIBBLES, 60))
def test_the_window_ends_just_before_the_last_packed_byte(length: int) -> None:
    packed_bytes = (length + 1) // 2
    window = window_of("0" * length)
    assert (window.stop - window.start, window.stop) == (16, (packed_bytes - 1) * 2)


def test_only_the_window_changes() -> None:
    assert window_of(TRACK_2) == slice(20, 36)


def test_psec_enciphers_the_same_window(hsm: Hsm) -> None:
    tmk_clear, transport = bytes.fromhex("46B0AA84C9AB2CC87FBD7C736E515C06"), bytes(range(32))
    tmk = hsm.import_block(psec.tr31.wrap(transport, "D0000K0TB00E0000", tmk_clear), transport, TerminalMasterKeyBlock)
    working = hsm.new_working_keys(tmk, KeySet.DOUBLE_TRACK)
    assert working.track_key is not None
    tdk = psec.des.decrypt_tdes_ecb(tmk_clear, working.field_62[40:56])
    enciphered = psec.des.encrypt_tdes_ecb(tdk, bytes.fromhex(TRACK_2[20:36])).hex().upper()
    assert hsm.encrypt_track(working.track_key, TRACK_2) == TRACK_2[:20] + enciphered + TRACK_2[36:]


@pytest.mark.parametrize("track", ["", "6217x", "6217 12", "１２３４", "12F4", "1" * (TRACK_NIBBLES_MAX + 1)])
def test_what_is_no_track_is_refused_without_being_quoted(track: str, hsm: Hsm, ring: Ring) -> None:
    with pytest.raises(TrackError) as caught:
        hsm.encrypt_track(ring.tdk, track)
    assert not track or track not in str(caught.value)


@pytest.mark.parametrize("track", ["", "1" * 16, "G" * 17, "1" * (TRACK_NIBBLES_MAX + 1)])
def test_what_is_no_enciphered_track_is_refused(track: str, hsm: Hsm, ring: Ring) -> None:
    with pytest.raises(TrackError):
        hsm.decrypt_track(ring.tdk, track)


def test_another_key_is_noticed_when_the_result_is_no_track(hsm: Hsm, ring: Ring) -> None:
    sealed = hsm.encrypt_track(ring.tdk, TRACK_2)
    others = [hsm.new_working_keys(ring.tmk, KeySet.DOUBLE_TRACK).track_key for _ in range(5)]
    for other in others:
        assert other is not None
        with pytest.raises(TrackError, match="different track keys"):
            hsm.decrypt_track(other, sealed)


def test_sm4_has_no_rule_for_tracks(hsm: Hsm) -> None:
    key = hsm.new_working_keys(hsm.new_terminal_master_key(KeyAlgorithm.SM4), KeySet.DOUBLE_TRACK).track_key
    assert key is not None
    with pytest.raises(KeyMisuse, match="key set without TDK"):
        hsm.encrypt_track(key, TRACK_2)

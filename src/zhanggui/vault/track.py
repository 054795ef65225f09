"""Track encryption: which sixteen nibbles of a track are enciphered, and putting them back (domain reference, §5.4).

The window is the eight bytes that end just before the last byte of the packed track. A track shorter than 17 nibbles is
filled with F to 17. The separator may be inside the window and is then part of the cipher.

>>> track = "1234567890123456789D0508201781999168302"
>>> track[window_of(track)]
'0820178199916830'
"""

from .ciphers import Ecb
from .errors import KeyMisuse, TrackError
from .pinblock import BLOCK_BYTES

WINDOW_NIBBLES = 16
SHORTEST_NIBBLES = 17
TRACK_NIBBLES_MAX = 104
"""Field 36, the longer of the two tracks."""
_CLEAR = frozenset("0123456789D")
_SEALED = frozenset("0123456789ABCDEF")


def clear_nibbles(track: str) -> str:
    """Check a clear track and write it as nibbles: `=` becomes D, short tracks are filled."""
    nibbles = track.replace("=", "D")
    if not nibbles or len(nibbles) > TRACK_NIBBLES_MAX or not _CLEAR.issuperset(nibbles):
        raise TrackError(f"a track is 1 to {TRACK_NIBBLES_MAX} digits and separators; read the card again")
    return nibbles.ljust(SHORTEST_NIBBLES, "F")


def sealed_nibbles(track: str) -> str:
    """Check an enciphered track: hexadecimal, long enough to have a window."""
    nibbles = track.replace("=", "D").upper()
    if not SHORTEST_NIBBLES <= len(nibbles) <= TRACK_NIBBLES_MAX or not _SEALED.issuperset(nibbles):
        raise TrackError(f"an enciphered track is {SHORTEST_NIBBLES} to {TRACK_NIBBLES_MAX} hexadecimal digits")
    return nibbles


def window_of(nibbles: str) -> slice:
    """Where the enciphered nibbles stand in a track of at least 17."""
    length = len(nibbles)
    start = length - (SHORTEST_NIBBLES if length % 2 else SHORTEST_NIBBLES + 1)
    return slice(start, start + WINDOW_NIBBLES)


def opened_track(nibbles: str) -> str:
    """Take the fill off a deciphered track; TrackError when what is left is no track, as under a wrong key."""
    track = nibbles.rstrip("F")
    if not track or not _CLEAR.issuperset(track):
        raise TrackError("the deciphered track is not digits and separators: the two sides hold different track keys")
    return track


def through_window(cipher: Ecb, nibbles: str) -> str:
    """The track with its window enciphered or deciphered. KeyMisuse for a cipher of another width."""
    if cipher.width != BLOCK_BYTES:
        raise KeyMisuse("track encryption is defined for DES and triple DES; give this terminal a key set without TDK")
    window = window_of(nibbles)
    changed = cipher.update(bytes.fromhex(nibbles[window])).hex().upper()
    return nibbles[: window.start] + changed + nibbles[window.stop :]

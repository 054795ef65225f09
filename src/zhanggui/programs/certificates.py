"""The certificate of a page that is served beyond this machine."""

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from ..basics.clock import Clock
from ..basics.errors import Misuse
from ..terminal.devices.owner_file import read_owner_only, write_owner_only
from ..vault.certificate import fingerprint, is_good, make_certificate

if TYPE_CHECKING:
    from ..web.serving import Tls

EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104  # looked for, never listened on by itself


def is_every_address(listen: str) -> bool:
    """Whether a page on this address is found under all of the machine's: also as `0` or `0x0`, which the system takes for 0.0.0.0.

    >>> is_every_address("0"), is_every_address("::"), is_every_address("127.0.0.1"), is_every_address("shop.example")
    (True, True, False, False)
    """
    try:
        return listen in EVERY_ADDRESS or not any(socket.inet_aton(listen))
    except OSError:
        return False


ADDRESSES_OF_OURS = ("localhost", "127.0.0.1")


def certificate_for(
    listen: str, given: tuple[str, str], own: tuple[Path, Path], clock: Clock, *, name: str = ""
) -> "tuple[Tls, str]":
    """The certificate of a page on this address, and its fingerprint.

    `given` are certificate and key of the settings; where none is, `own` is made when there is none that is still good, for the
    address, the machine's names and `name`. Misuse when the one that counts can't be read.
    """
    from ..web.serving import Tls, names_of

    certificate, key = given
    if certificate:
        used = Tls(Path(certificate), Path(key or certificate))
    else:
        used = Tls(*own)
        kept = read_owner_only(used.certificate)
        if kept is None or not used.key.exists() or not is_good(kept, clock.now()):
            called = (*names_of(listen), name, *ADDRESSES_OF_OURS)
            made, made_key = make_certificate([each for each in called if each not in EVERY_ADDRESS], clock.now())
            write_owner_only(used.key, made_key)
            write_owner_only(used.certificate, made)
    try:
        return used, fingerprint(used.certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise Misuse(f"the page's certificate {used.certificate} can't be read ({error})") from None

"""The page of phones' codes as a part of the host's program."""

from contextlib import AsyncExitStack

from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.errors import Misuse
from ..host.server import Host
from .certificates import certificate_for, is_every_address
from .data_folder import Places
from .served import start_serving
from .settings import Settings


async def start_phone_page(settings: Settings, host: Host, clock: Clock, chance: Chance, stack: AsyncExitStack) -> str:
    """Serve the page where the settings name an address for it; the answer is where phones find it, empty where nowhere.

    Beyond this machine it is encrypted. The host's terminals show its address from now on.
    """
    section = settings.phone
    if not section.listen:
        return ""
    # The web framework takes a third of a second to import, and only a page needs it.
    from ..phone.server import serve_phone_page
    from ..web.serving import is_loopback

    if is_every_address(section.listen) and not section.name:
        raise Misuse("settings: phone.name must say under which name or address phones find this machine")
    if section.name and is_loopback(section.listen) and not is_loopback(section.name):
        raise Misuse(
            "settings: phone.name leads beyond this machine and phone.listen does not; phones would be sent there in the clear"
        )
    tls = None
    if not is_loopback(section.listen):
        places = Places(settings.data_path)
        given, own = (section.certificate, section.certificate_key), (places.phone_certificate, places.phone_key)
        tls, _ = certificate_for(section.listen, given, own, clock, name=section.name)
    page = await start_serving(
        "phone page",
        "phone",
        lambda ready: serve_phone_page(
            host.phones,
            host.slip_pages,
            chance,
            section.listen,
            section.port,
            hosts=(section.name,) if section.name else (),
            ready=ready,
            tls=tls,
        ),
        stack,
    )
    address = _named(page.rstrip("/"), section.name)
    host.phones_found_at = address
    return address


def _named(address: str, name: str) -> str:
    """The address by the name that phones know."""
    if not name:
        return address
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{name}:{rest.rpartition(':')[2]}"

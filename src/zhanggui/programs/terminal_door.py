"""The terminals' HTTP door as a part of the host's program."""

from contextlib import AsyncExitStack

from ..host.server import Host
from .served import start_serving
from .settings import Settings


async def start_terminal_door(settings: Settings, host: Host, stack: AsyncExitStack) -> str:
    """Serve it where the settings name an address for it; the answer is where it is, empty where nowhere."""
    section = settings.door
    if not section.listen:
        return ""
    # The web framework takes a third of a second to import.
    from ..door.server import TerminalDoor, serve_door
    from ..host.terminal_door.operations import DOOR_ROWS
    from ..host.terminal_door.work import DoorCrowded

    door = TerminalDoor(host.terminal_door, DOOR_ROWS, DoorCrowded)
    return await start_serving(
        "terminals' door", "door", lambda ready: serve_door(door, section.listen, section.port, ready=ready), stack
    )

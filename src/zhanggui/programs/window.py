"""The window of a running host: where an office asks it, in its own process or by the socket of the data folder."""

from contextlib import AsyncExitStack

from ..acquirer.rows.decision import Decision
from ..basics.chance import Chance
from ..basics.errors import Fault, certain
from ..edges.local_socket import LocalSocket
from ..host.acts import Command, SecretMaker, submit
from ..host.keys import HostKeys
from ..host.password_pool import PasswordPool
from ..host.people import OfficeDoor
from ..host.server import Host
from ..host.tokens import TokenDoor
from ..host.window.answering import Answering
from ..host.window.window import Window
from ..host.work import log
from ..office.acts import ASKED_FOR
from ..office.api.outcomes import said_of
from .data_folder import Places
from .settings import Settings

BEGAN_BYTES = 8


async def answer_offices(
    settings: Settings, window: Window, host: Host, keys: HostKeys, chance: Chance, stack: AsyncExitStack
) -> None:
    """Answer offices of their own by the socket of the data folder, until the stack is closed."""
    answering = Answering(window, host, keys, chance.take(BEGAN_BYTES).hex())
    socket = LocalSocket(Places(settings.data_path).host_socket, answering.answer)
    try:
        await socket.start()
    except Fault as error:
        # Payments do not wait for an office: one alone says that no host runs.
        log.warning("office_socket_not_made", reason=str(error))
        return
    stack.push_async_callback(socket.stop)


def open_window(settings: Settings, host: Host, keys: HostKeys, chance: Chance, stack: AsyncExitStack) -> Window:
    """The window of a host; its threads for passwords end with the stack."""
    hasher = PasswordPool(chance)
    stack.callback(hasher.close)

    async def do(command: Command) -> Decision:
        return await submit(command, host.queue)

    return Window(
        do,
        OfficeDoor(do, lambda: keys, hasher, chance, takes_demo=Places(settings.data_path).is_demo),
        TokenDoor(do, lambda: keys),
        SecretMaker(lambda: keys, chance),
        certain(host.files, "a host over a data folder has its files"),
        ASKED_FOR,
        said_of,
        plain_webhooks=settings.webhooks.allow_private,
    )

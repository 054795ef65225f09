"""Takes connections, reads and throws away: where the stranger of a storm sends when he is to do no harm. Runs as
`python -m zhanggui.simulator.load.sink PORT`.
"""

import asyncio
import sys

from ...edges.open_files import open_files_up


class _Sink(asyncio.BufferedProtocol):
    buffer = memoryview(bytearray(65_536))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        pass


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Sink, "127.0.0.1", port, backlog=4_096)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    open_files_up()
    asyncio.run(_serve(int(sys.argv[1])))

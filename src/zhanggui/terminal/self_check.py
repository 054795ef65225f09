"""The self-check (自检): every part is asked how it is, and the host's address is called once.

A part answers at once; only the line needs time. The result lists the parts in a fixed order, so that every screen, record
and upload names them alike. Reasons are word keys: `check.<item>.<reason>`.
"""

from .devices.machine import Devices
from .flow.core.events import CheckResult
from .link.host_line import HostLine

NETWORK_TIMEOUT_S = 3.0
"""A host that is there takes a call within a second; power-on should not wait longer than people do."""


async def run_self_check(devices: Devices, host: HostLine) -> tuple[CheckResult, ...]:
    """Check every part. The network item is `fail` when the machine's line is down or the host takes no call."""
    results = []
    for part in devices.parts:
        result = part.check()
        if part.item == "network" and result.state != "fail" and not await host.reachable(NETWORK_TIMEOUT_S):
            result = CheckResult(item="network", state="fail", reason="check.network.unreachable")
        results.append(result)
    return tuple(results)

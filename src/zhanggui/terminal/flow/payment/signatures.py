"""What cardholders signed on the screen goes to the host behind everything else, and is sent again until the host has it.

It is in the journal from the moment it was signed. A signature that was lost on the line, or in a power cut, is the same when it is
sent again: the host keeps it once. Payments never wait for it.
"""

from msgspec.structs import replace

from ....cup.response_codes import means_for_notice
from ..core.effects import RememberSignatureTaken, SendSignature
from ..core.events import HostFailed, Refused, SignatureTaken
from ..core.policy import SIGNATURE_AGAIN_S
from ..core.stage import Stage
from ..core.state import State
from ..core.step import Step, stay


def upload_when_quiet(state: State) -> Step:
    """The oldest one that is owed, where nothing else is going on."""
    if not state.unsent or state.is_uploading or state.keys != "ready" or not state.stage.quiet:
        return stay(state)
    if state.signature_tried_at is not None and state.tick - state.signature_tried_at < SIGNATURE_AGAIN_S:
        return stay(state)
    batch_no, trace_no = state.unsent[0]
    state = replace(state, is_uploading=True, signature_tried_at=state.tick)
    return stay(state, SendSignature(batch_no=batch_no, trace_no=trace_no))


def taken(state: State, stage: Stage, event: SignatureTaken) -> Step:
    """The next one may go at once."""
    one = (event.batch_no, event.trace_no)
    left = tuple(known for known in state.unsent if known != one)
    state = replace(state, unsent=left, is_uploading=False, signature_tried_at=None)
    return stay(state, RememberSignatureTaken(batch_no=event.batch_no, trace_no=event.trace_no))


def refused(state: State, stage: Stage, event: Refused) -> Step:
    """What the host will never take, as of a payment that was undone meanwhile, is not sent for ever; anything else comes again."""
    if not state.is_uploading or not state.unsent:
        return stay(state)
    if means_for_notice(event.response_code) == "stands_not":
        batch_no, trace_no = state.unsent[0]
        return taken(state, stage, SignatureTaken(now=event.now, batch_no=batch_no, trace_no=trace_no))
    return stay(replace(state, is_uploading=False))


def failed(state: State, stage: Stage, event: HostFailed) -> Step:
    """Nobody has it: it comes again."""
    return stay(replace(state, is_uploading=False))

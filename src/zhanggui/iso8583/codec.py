"""Messages to bytes and back.

>>> from zhanggui.iso8583.fields import Field, Kind, Prefix, Spec
>>> from zhanggui.iso8583.message import Message
>>> trace = Field(11, "trace number", Kind.NUMERIC, Prefix.FIXED, 6)
>>> terminal = Field(41, "terminal number", Kind.TEXT, Prefix.FIXED, 8)
>>> codec = Codec(Spec("tiny", (trace, terminal)))
>>> data = codec.encode(Message("0820", {11: "000001", 41: "10000001"}))
>>> data.hex()
'082000200000008000000000013130303030303031'
>>> codec.decode(data).fields
{11: '000001', 41: '10000001'}
"""

from zhanggui.iso8583.fields import Spec
from zhanggui.iso8583.layout import HEAD_BYTES, lay_out
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.plan_cache import PLANS_MAX, PlanCache
from zhanggui.iso8583.plans import DecodePlan, EncodePlan, make_decode_plan, make_encode_plan
from zhanggui.iso8583.writing import write_message


class Codec:
    """Reads and writes the messages of one field table.

    The common shapes run through generated plans, everything else through the table; both give the same result. One
    codec serves one event loop; it holds no message between two calls.
    """

    def __init__(self, spec: Spec, plans_max: int = PLANS_MAX) -> None:
        self.spec = spec
        self._decode_plans: PlanCache[bytes, DecodePlan] = PlanCache(
            lambda head: make_decode_plan(spec, head), plans_max
        )
        self._encode_plans: PlanCache[tuple[int, ...], EncodePlan] = PlanCache(
            lambda numbers: make_encode_plan(spec, numbers), plans_max
        )
        self._find_decode_plan = self._decode_plans.get
        self._find_encode_plan = self._encode_plans.get

    @property
    def plans(self) -> tuple[int, int]:
        """How many plans are kept for decoding and for encoding."""
        return len(self._decode_plans), len(self._encode_plans)

    def decode(self, data: bytes) -> Message:
        """Read a message that begins at its MTI and ends with its last field. Raises DecodeError, nothing else."""
        plan = self._find_decode_plan(data[:HEAD_BYTES])
        if plan is not None:
            message = plan(data)
            if message is not None:
                return message
        return self._decode_without_young_plan(data)

    def encode(self, message: Message) -> bytes:
        """Write a message from its MTI on. Raises EncodeError when a value does not fit its field."""
        fields = message.fields
        plan = self._find_encode_plan(tuple(fields))
        if plan is not None:
            data = plan(message.mti, fields)
            if data is not None:
                return data
        return self._encode_without_young_plan(message)

    def _decode_without_young_plan(self, data: bytes) -> Message:
        head = data[:HEAD_BYTES]
        plan = self._decode_plans.recall(head)
        message = None if plan is None else plan(data)
        if message is not None:
            return message
        layout = lay_out(self.spec, data)
        if layout.error is not None:
            raise layout.error
        # Only messages that could be read count, so noise never leads to a plan.
        self._decode_plans.sighted(head)
        fields = {part.field.number: part.value for part in layout.placed if part.field is not None}
        return Message(head[:2].hex(), fields)

    def _encode_without_young_plan(self, message: Message) -> bytes:
        numbers = tuple(message.fields)
        plan = self._encode_plans.recall(numbers)
        data = None if plan is None else plan(message.mti, message.fields)
        if data is not None:
            return data
        data = write_message(self.spec, message)
        self._encode_plans.sighted(numbers)
        return data

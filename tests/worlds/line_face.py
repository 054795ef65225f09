"""What a line's place is about, for lines of tests that have no listener: they never fill, and are never held up."""

from zhanggui.edges.places import Standing


class QuietLine:
    """Stands where a `FrameConnection` keeps count of what it has under way."""

    peer = "127.0.0.1:1"
    standing: Standing = "silent"
    under_way = 0
    proven_by: frozenset[object] = frozenset()
    bound_to: frozenset[object] = frozenset()
    address = "127.0.0.1"
    late: tuple[float, ...] = ()
    open = True

    def work_began(self) -> None:
        self.under_way += 1

    def work_ended(self) -> None:
        self.under_way -= 1

    def send_late(self, payload: bytes, after_s: float) -> None:
        self.late += (after_s,)
        self.send(payload)

    def send(self, payload: bytes) -> None:
        """What a test's line does with an answer."""

    def send_soon(self, payload: bytes) -> None:
        self.send(payload)

    def proved(self, who: object = None) -> None:
        self.standing = "proven"
        self.proven_by |= {who}

    def bind(self, who: object) -> None:
        self.bound_to |= {who}

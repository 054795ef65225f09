"""A supervisor's approval as one area of the flow."""

from ..core import effects as fx
from ..core import events as e
from ..core import ways as w
from ..core.stage import Trouble
from ..screens.area import Area, entrance, row, shows
from . import approval, draw_approval
from . import stages as s

ENDS = (w.Back, Trouble)
"""Not given: back to where it was asked for, whatever that is."""

ROWS = (
    row(s.ApprovalNumber, e.KeyPressed, approval.number_key, s.ApprovalPassword, *ENDS),
    row(s.ApprovalNumber, e.Ticked, approval.idle_tick, *ENDS),
    row(s.ApprovalPassword, e.KeyPressed, approval.password_key, *ENDS),
    row(s.ApprovalPassword, e.PinDots, approval.password_dots),
    row(s.ApprovalPassword, e.PinDone, approval.password_done, s.Approving, w.Unlock, *ENDS),
    row(s.ApprovalPassword, e.Ticked, approval.idle_tick, *ENDS),
    row(s.Approving, e.SignedOn, approval.keys_came),
    row(s.Approving, e.Refused, approval.no_keys, *ENDS, request=fx.SendSignOn),
    row(s.Approving, e.HostFailed, approval.no_keys, *ENDS, request=fx.SendSignOn),
    row(s.Approving, e.Approved, approval.given, w.Granted, *ENDS),
    row(s.Approving, e.Refused, approval.refused, s.ApprovalPassword, *ENDS, request=fx.SendApproval),
    row(s.Approving, e.HostFailed, approval.failed, *ENDS, request=fx.SendApproval),
)

DRAWINGS = dict(
    (
        shows(s.ApprovalNumber, draw_approval.approval_number),
        shows(s.ApprovalPassword, draw_approval.approval_password),
        shows(s.Approving, draw_approval.approving),
    )
)

AREA = Area(DRAWINGS, ROWS, (entrance(w.ToApproval, approval.to_approval, s.ApprovalNumber, s.ApprovalPassword),))

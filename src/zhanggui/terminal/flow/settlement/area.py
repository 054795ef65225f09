"""The end of a batch as one area of the flow."""

from ..core import effects as fx
from ..core import events as e
from ..core import ways as w
from ..core.stage import Trouble
from ..screens import slip_said
from ..screens.area import Area, entrance, row, shows
from . import draw_settlement, settling
from . import stages as s

GOES_ON = (s.Settling, s.SettledShown, Trouble, w.ToStandby)

ROWS = (
    row(s.Counting, e.BatchCounted, settling.counted, s.AskingSettle, s.Settling, w.LookAtTicks, w.ToStandby),
    row(s.Counting, e.JournalFailed, settling.not_counted, Trouble),
    row(s.AskingSettle, e.KeyPressed, settling.asking_key, s.Settling, w.PrintDetails, w.ToTicking, w.ToStandby),
    row(s.AskingSettle, e.SlipPrinted, slip_said.printed),
    row(s.AskingSettle, e.SlipNotPrinted, slip_said.not_printed),
    row(s.AskingSettle, e.Ticked, settling.asking_tick, w.ToStandby),
    row(s.Settling, e.SettlementAnswered, settling.answered, *GOES_ON),
    row(s.Settling, e.DetailsTold, settling.details_told, *GOES_ON),
    row(s.Settling, e.UploadEnded, settling.ended, s.SettledShown),
    row(s.Settling, e.JournalFailed, settling.not_kept, Trouble),
    *(
        known
        for request in (fx.SendSettlement, fx.SendDetails, fx.SendUploadEnd)
        for known in (
            row(s.Settling, e.Refused, settling.refused, *GOES_ON, request=request),
            row(s.Settling, e.HostFailed, settling.failed, *GOES_ON, request=request),
        )
    ),
    row(s.Settling, e.SignedOn, settling.keys_came, *GOES_ON),
    row(s.Settling, e.HostFailed, settling.no_keys, Trouble, request=fx.SendSignOn),
    row(s.Settling, e.Refused, settling.keys_refused, Trouble, request=fx.SendSignOn),
    row(s.SettledShown, e.BatchCounted, settling.laid_out, w.PrintSettlement),
    row(s.SettledShown, e.SlipPrinted, settling.slip_out),
    row(s.SettledShown, e.SlipNotPrinted, settling.slip_not_out),
    row(s.SettledShown, e.JournalFailed, settling.not_laid_out),
    row(s.SettledShown, e.KeyPressed, settling.shown_key, s.SigningOff),
    row(s.SettledShown, e.Ticked, settling.shown_tick, s.SigningOff),
    row(s.SigningOff, e.SignedOff, settling.signed_off, w.ToFreshSignIn),
    row(s.SigningOff, e.Refused, settling.signed_off, w.ToFreshSignIn, request=fx.SendSignOff),
    row(s.SigningOff, e.HostFailed, settling.signed_off, w.ToFreshSignIn, request=fx.SendSignOff),
    row(s.SigningOff, e.JournalFailed, settling.signed_off, w.ToFreshSignIn),
)

ENTRANCES = (
    entrance(w.ToSettlement, settling.begin, s.Counting, *GOES_ON, w.ToNumber, w.UndoFirst),
    entrance(w.ResumeSettlement, lambda state, way: settling.resume(state), *GOES_ON),
)

DRAWINGS = dict(
    (
        shows(s.Counting, draw_settlement.counting),
        shows(s.AskingSettle, draw_settlement.asking),
        shows(s.Settling, draw_settlement.settling),
        shows(s.SettledShown, draw_settlement.settled),
        shows(s.SigningOff, draw_settlement.signing_off),
    )
)

AREA = Area(DRAWINGS, ROWS, ENTRANCES)

"""Slips as one area of the flow."""

from ..core import events as e
from ..core import ways as w
from ..screens.area import Area, entrance, row, shows
from . import draw_slips, printing
from . import stages as s

AFTER = (w.ToStandby, w.LockNow, w.SignOutNow, w.ResumeSettlement)

ROWS = (
    row(s.Signing, e.Signed, printing.signed, s.Printing),
    row(s.Signing, e.KeyPressed, printing.signing_key, s.Printing),
    row(s.FindingSlip, e.PaymentFound, printing.slip_found, s.Printing, w.ToStandby),
    row(s.Printing, e.Printed, printing.printed, s.TearingOff, w.ToFreshSignIn, *AFTER),
    row(s.Printing, e.PrintFailed, printing.print_failed, s.PrintTrouble),
    row(s.TearingOff, e.KeyPressed, printing.torn_off, s.Printing),
    row(s.SlipsOffered, e.KeyPressed, printing.offered_key, s.Printing, w.ToStandby),
    row(s.PrintTrouble, e.KeyPressed, printing.print_trouble_key, s.Printing, w.ToFreshSignIn, *AFTER),
)

ENTRANCES = (
    entrance(w.ToSlips, lambda state, way: printing.slips_of_new(state, way.payment), s.Printing, s.Signing, *AFTER),
    entrance(
        w.ToReprint,
        lambda state, way: printing.print_copy(state, way.payment, "merchant", again=True, then=way.then),
        s.Printing,
    ),
    entrance(w.PrintSettlement, printing.print_settlement),
    entrance(w.PrintDetails, printing.print_details),
    entrance(w.PrintShift, printing.print_shift),
    entrance(w.PrintRefusal, printing.print_refusal),
    entrance(w.OfferSlips, lambda state, way: printing.offer(state, way), s.SlipsOffered, w.ToStandby),
    entrance(w.ReprintOf, printing.reprint_of, s.FindingSlip),
    entrance(w.ReprintLast, lambda state, way: printing.reprint_last(state), s.Printing, w.ToStandby),
)

DRAWINGS = dict(
    (
        shows(s.Signing, draw_slips.signing),
        shows(s.FindingSlip, draw_slips.finding),
        shows(s.Printing, draw_slips.printing),
        shows(s.TearingOff, draw_slips.tearing_off),
        shows(s.PrintTrouble, draw_slips.print_trouble),
        shows(s.SlipsOffered, draw_slips.offered),
    )
)

AREA = Area(DRAWINGS, ROWS, ENTRANCES)

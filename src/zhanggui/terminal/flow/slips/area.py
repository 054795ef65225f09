"""Slips as one area of the flow."""

from ..core import effects as fx
from ..core import events as e
from ..core import ways as w
from ..core.stage import Stage, Trouble
from ..screens import slip_said
from ..screens.area import Area, entrance, row, shows
from . import draw_slips, linking, offering, printing
from . import stages as s
from .ticking import draw_ticking, ticking

AFTER = (w.ToStandby, w.LockNow, w.SignOutNow, w.ResumeSettlement)

ROWS = (
    row(s.Signing, e.Signed, printing.signed, s.Printing),
    row(s.Signing, e.KeyPressed, printing.signing_key, s.Printing),
    row(s.FindingSlip, e.PaymentFound, offering.slip_found, s.Printing, s.FetchingLink, w.ToStandby),
    row(s.Printing, e.Printed, printing.printed, s.TearingOff, w.ToFreshSignIn, *AFTER),
    row(s.Printing, e.PrintFailed, printing.print_failed, s.PrintTrouble),
    row(s.TearingOff, e.KeyPressed, offering.torn_off, s.Printing, s.FetchingLink),
    row(s.FetchingLink, e.SlipLinked, linking.linked, s.LinkShown),
    row(s.FetchingLink, e.Refused, linking.refused, s.TearingOff, w.ToStandby, request=fx.SendSlip),
    row(s.FetchingLink, e.HostFailed, linking.failed, s.TearingOff, w.ToStandby, request=fx.SendSlip),
    row(s.FetchingLink, e.KeyPressed, linking.fetching_key, s.TearingOff, w.ToStandby),
    row(s.LinkShown, e.KeyPressed, linking.shown_key, s.Printing, w.ToFreshSignIn, *AFTER),
    row(s.LinkShown, e.Ticked, linking.shown_tick, w.ToFreshSignIn, *AFTER),
    row(s.TickingOff, e.KeyPressed, ticking.key, w.PrintMissing, w.ToSettlement, w.ToStandby, w.ToNumber),
    row(s.TickingOff, e.SlipsTold, ticking.told, w.ToNumber),
    row(s.TickingOff, e.Refused, ticking.refused, Trouble, w.ToFreshSignIn, request=fx.SendTicks),
    row(s.TickingOff, e.HostFailed, ticking.failed, request=fx.SendTicks),
    row(s.TickingOff, e.Ticked, ticking.left_alone, w.ToStandby),
    row(s.TickingOff, e.SlipPrinted, slip_said.printed),
    row(s.TickingOff, e.SlipNotPrinted, slip_said.not_printed),
    row(s.SlipsOffered, e.KeyPressed, offering.offered_key, s.Printing, w.ToStandby),
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
    entrance(w.PrintMissing, printing.print_missing),
    entrance(w.LookAtTicks, lambda state, way: ticking.look(state)),
    entrance(w.ToTicking, ticking.begin, s.TickingOff, Trouble, w.ToNumber),
    entrance(w.PrintShift, printing.print_shift),
    entrance(w.PrintRefusal, printing.print_refusal),
    entrance(w.OfferSlips, lambda state, way: offering.offer(state, way), s.SlipsOffered, w.ToStandby),
    entrance(w.ReprintOf, offering.reprint_of, s.FindingSlip),
    entrance(w.ShowSlipLink, offering.link_of, s.FindingSlip),
    entrance(w.ReprintLast, lambda state, way: offering.reprint_last(state), s.Printing, w.ToStandby),
)

DRAWINGS = dict(
    (
        shows(s.Signing, draw_slips.signing),
        shows(s.FindingSlip, draw_slips.finding),
        shows(s.Printing, draw_slips.printing),
        shows(s.TearingOff, draw_slips.tearing_off),
        shows(s.FetchingLink, draw_slips.fetching_link),
        shows(s.LinkShown, draw_slips.link_shown),
        shows(s.TickingOff, draw_ticking.ticking_off),
        shows(s.PrintTrouble, draw_slips.print_trouble),
        shows(s.SlipsOffered, draw_slips.offered),
    )
)

EVERYWHERE = (row(Stage, e.SlipsTold, ticking.told_behind),)

AREA = Area(DRAWINGS, ROWS, ENTRANCES, EVERYWHERE)

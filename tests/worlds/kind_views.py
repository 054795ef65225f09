"""Every screen of every kind of payment, as the flow makes them: asked for, at the host, approved, refused, in doubt, and its slips."""

from msgspec.structs import replace

from zhanggui.basics.numbers import BatchNo
from zhanggui.basics.words import Lang
from zhanggui.cup.brands import BRANDS
from zhanggui.cup.messages.settlement import Sums
from zhanggui.cup.values.rules import TerminalRules
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.payment.kinds import KINDS
from zhanggui.terminal.flow.screens.views import ScreenView

from .flow_story import Story, approval, slips_out

Views = dict[str, ScreenView]
ADDRESS = "https://192.168.100.100:8610/S/102100058120001/AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
CODE = "http://192.168.100.100:8595/q/00112233445566778899aabbccddeeff"
ABOUT = {
    "void": ("sale",),
    "refund": ("sale",),
    "qr_void": ("qr_sale",),
    "qr_refund": ("qr_sale",),
    "preauth_cancel": ("preauth",),
    "completion": ("preauth",),
    "completion_notice": ("preauth",),
    "preauth_increment": ("preauth",),
    "completion_void": ("preauth", "completion"),
}
"""The payments that come before one that is about an earlier one."""
STEPS_MAX = 20
BIG = "123456789"
"""1,234,567.89."""


def kind_views(model: str, lang: Lang) -> Views:
    """All of them by `kind.screen`, then those of slips on phones, ticking off and the settlement."""
    views: Views = {}
    for kind in KINDS:
        story = at_standby(model, lang)
        for before in ABOUT.get(kind, ()):
            asked_for(story, before, {}, big=False)
            story.approved(amount_of(story))
            slips_out(story)
        asked_for(story, kind, views, big=True)
        story.approved(amount_of(story))
        note(views, kind, story, "approved")
        slips_out(story)
        note(views, kind, story, "done")
        tell_of_line(story, kind, views)
        not_approved(model, lang, kind, views)
    return views | our_code_views(model, lang) | slip_views(model, lang) | ending_views(model, lang)


def at_standby(model: str, lang: Lang) -> Story:
    """A terminal whose host serves pages for phones."""
    story = Story(model, lang).to_standby()
    story.state = replace(story.state, rules=TerminalRules(slip_link=True))
    return story


def note(views: Views, kind: str, story: Story, name: str = "") -> None:
    """Keep the screen that is shown."""
    views[f"{kind}.{name or story.screen_id}"] = story.view


def asked_for(story: Story, kind: str, views: Views, *, big: bool) -> None:
    """From standby until it leaves, with each screen on the way."""
    story.send(ev.KeyPressed(now=story.now, key=kind))
    for _ in range(STEPS_MAX):
        note(views, kind, story)
        match story.screen_id:
            case "amount":
                story.keys(*(BIG if big and kind in ("sale", "preauth") else "1000"))
                note(views, kind, story, "amount_typed")
                story.keys("enter")
            case "card" | "card_only":
                story.card("scan" if kind == "qr_sale" else "insert")
            case "brand":
                story.keys(next(iter(BRANDS)))
            case "pin":
                story.pin(digits=4)
                note(views, kind, story, "pin_typed")
            case "original":
                original(story, kind, views)
            case "approval_number":
                story.keys("0", "0")
            case "approval_password":
                story.pin()
                story.send(ev.Approved(now=story.now, approval_no=7, supervisor="陈店长"))
            case _:
                return


def original(story: Story, kind: str, views: Views) -> None:
    """A number of its slip; the bar code names it for every kind."""
    newest = next(line for line in story.state.today if line.state == "approved")
    if story.view.entry is not None and not story.view.entry.shown:
        number = (
            newest.trace_no
            if kind in ("void", "qr_void", "completion_void", "refund", "qr_refund")
            else newest.auth_code
        )
        story.keys(*number)
        note(views, kind, story, "original_typed")
    story.keys("enter")
    note(views, kind, story, "original_found")
    story.keys("enter")


def amount_of(story: Story) -> int:
    """What was asked of the host."""
    sent = [effect for effect in story.effects if isinstance(effect, fx.SendPayment)]
    return sent[-1].attempt.amount_fen if sent else 0


def tell_of_line(story: Story, kind: str, views: Views) -> None:
    """Its line in today's list, and what is behind it."""
    if story.screen_id != "standby" or not story.state.today:
        return
    line = story.state.today[0]
    story.send(ev.KeyPressed(now=story.now, key=f"row.{line.batch_no or 'none'}.{line.trace_no}"))
    note(views, kind, story, "line")
    story.keys("cancel")


def not_approved(model: str, lang: Lang, kind: str, views: Views) -> None:
    """Refused, and without an answer."""
    for name, ends in (("refused", "51"), ("silent", "")):
        story = at_standby(model, lang)
        for before in ABOUT.get(kind, ()):
            asked_for(story, before, {}, big=False)
            story.approved(amount_of(story))
            slips_out(story)
        asked_for(story, kind, {}, big=False)
        if ends:
            story.refused("SendPayment", ends)
        else:
            story.failed("SendPayment", "no_answer")
        note(views, kind, story, name)


def our_code_views(model: str, lang: Lang) -> Views:
    """Our code: while it stands there, when its time is over, paid, given up, and not paid in time."""
    views: Views = {}
    for name, left_s in (("shown", 120), ("over", 0)):
        story = at_standby(model, lang)
        asked_for(story, "qr_own", {}, big=False)
        told = {"trace_no": story.state.trace_no, "amount_fen": 1000, "text": CODE}
        story.send(ev.CodeOffered(now=story.now, left_s=left_s, **told))  # type: ignore[arg-type]  # its fields
        views[f"our_code.{name}"] = story.view
        story.keys("retry")
        if left_s:
            story.send(ev.OutcomeKnown(now=story.now, approved=approval(story.state.trace_no, 1000)))
            views["our_code.paid"] = story.view
        else:
            story.keys("cancel")
            views["our_code.given_up"] = story.view
    return views


def slip_views(model: str, lang: Lang) -> Views:
    """A slip on the customer's phone, a printer without paper, and copies that are ticked off."""
    views: Views = {}
    story = at_standby(model, lang)
    asked_for(story, "sale", {}, big=False)
    story.approved(1000)
    if model == "esign":
        views["slip.sign_here"] = story.view
        slips_out(story)
        views["slip.standby"] = story.view
        story.keys("slip_link")
        found = story.state.last_sale
        story.send(ev.PaymentFound(now=story.now, payment=found))
    else:
        story.print_failed("merchant")
        views["slip.trouble"] = story.view
        story.keys("retry")
        story.printed("merchant")
        views["slip.tear_off"] = story.view
        story.send(ev.KeyPressed(now=story.now, key="link"))
    views["slip.link_fetched"] = story.view
    linked = ev.SlipLinked(now=story.now, batch_no=BatchNo("000002"), trace_no=story.state.trace_no, address=ADDRESS)
    story.send(linked)
    views["slip.link"] = story.view
    story.keys("enter")
    if model != "esign":
        tick_views(model, story, views)
    return views


def tick_views(model: str, story: Story, views: Views) -> None:
    """Copies that are ticked off, from the settlement as on every model."""
    asked_for(story, "sale", {}, big=True)
    story.approved(amount_of(story))
    slips_out(story)
    story.send(ev.KeyPressed(now=story.now, key="settle"))
    story.counted()
    told(story, "0")
    views["tick.settle"] = story.view
    story.send(ev.KeyPressed(now=story.now, key="tick"))
    views["tick.asking"] = story.view
    told(story, "0")
    views["tick.missing"] = story.view
    story.keys(*(("number",) if model != "keypad" else ()), *str(int(story.state.today[0].trace_no)))
    views["tick.typed"] = story.view
    story.keys("enter")
    told(story, "1")
    views["tick.one"] = story.view
    story.keys("9", "9", "enter")
    views["tick.unknown"] = story.view
    story.keys("clear_all", *(("cancel",) if model != "keypad" else ()))
    views["tick.again"] = story.view
    story.send(ev.KeyPressed(now=story.now, key="untick"))
    told(story, "0")
    views["tick.taken_back"] = story.view


def told(story: Story, mark: str) -> None:
    """What the host says of the copies that were asked after."""
    last = [effect for effect in story.effects if isinstance(effect, fx.SendTicks)][-1]
    marks = ("1",) * len(last.slips) if mark == "1" else ("0",) * len(last.slips)
    story.send(ev.SlipsTold(now=story.now, verb=last.verb, slips=last.slips, marks=marks))  # type: ignore[arg-type]  # marks


def ending_views(model: str, lang: Lang) -> Views:
    """The end of a batch that agrees, and of one that does not."""
    views: Views = {}
    for name, theirs in (("agreed", None), ("differs", Sums(debit_count=999, debit_fen=999_999_999_999))):
        story = at_standby(model, lang)
        asked_for(story, "sale", {}, big=True)
        story.approved(amount_of(story))
        slips_out(story)
        story.send(ev.KeyPressed(now=story.now, key="settle"))
        story.counted(2, 99_999_999_998)
        story.keys("enter")
        views["settle.asking"] = story.view
        story.host_agrees(theirs)
        if theirs is not None:
            views["settle.uploading"] = story.view
            story.send(ev.DetailsTold(now=story.now, count=2, cursor=2, is_last=True))
        story.send(ev.UploadEnded(now=story.now))
        views[f"settle.{name}"] = story.view
    return views

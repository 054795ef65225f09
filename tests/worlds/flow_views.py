"""Screens as the flow makes them, by name: what a person meets on the way through a day, for whoever draws them."""

from zhanggui.basics.numbers import RecordNo
from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.screens.views import ScreenView
from zhanggui.terminal.flow.sign_in.phone.told import PhoneCodeGiven

from .flow_story import Story, memory

Views = dict[str, ScreenView]


def slips_out(story: Story) -> None:
    """Sign if asked, and let both copies come."""
    if story.screen_id == "sign_here":
        story.send(ev.Signed(now=story.now))
    story.printed("merchant")
    if story.screen_id == "tear_off":
        story.keys("enter")
    story.printed("cardholder")


def flow_views(model: str, lang: Lang) -> Views:
    """All of them, of one model in one language."""
    return sign_in_views(model, lang) | payment_views(model, lang) | supervisor_views(model, lang)


def at_number(model: str, lang: Lang) -> Story:
    story = Story(model, lang).to_number()
    story.signed_on()
    return story


def typed(model: str, lang: Lang) -> Story:
    story = at_number(model, lang)
    story.keys("0", "1")
    story.pin(digits=4)
    return story


def sign_in_views(model: str, lang: Lang) -> Views:
    """From the number to standby, with what may be asked or go wrong on the way."""
    views: Views = {}
    story = at_number(model, lang)
    views["start"] = story.view
    story.keys("0", "1")
    views["password"] = story.view
    story.pin(digits=4)
    story.refused("SendVerify", "P1", tries_left=4)
    views["wrong_password"] = story.view
    story.pin(digits=4)
    story.verified()
    views["confirm"] = story.view
    story.keys("enter")
    story.confirmed()
    views["signed_in"] = story.view
    asked = typed(model, lang)
    asked.verified(needs_new_password=True)
    views["new_password"] = asked.view
    coded = typed(model, lang)
    coded.verified(needs_code=True)
    coded.keys("enter")
    views["code"] = coded.view
    there = typed(model, lang)
    where = ev.Elsewhere(
        record_no=RecordNo(1), terminal="10000002", since=there.now, way="supervisor", needs_code=False
    )
    there.refused("SendVerify", "P6", elsewhere=where)
    views["elsewhere"] = there.view
    phone = Story(model, lang).to_number(memory(rules="phone=1"))
    phone.signed_on()
    phone.keys("phone")
    address = "https://192.168.100.100:8610/P/102100058120001/10000001/ABCDEFGH2345672345672"
    phone.send(PhoneCodeGiven(now=phone.now, name="ABCDEFGH", address=address, life_s=60))
    views["phone"] = phone.view
    return views


def payment_views(model: str, lang: Lang) -> Views:
    """A day at the till: each step of a sale, a refusal, a void, a refund and a pre-authorisation, and the list of it all."""
    views: Views = {}
    story = Story(model, lang).to_standby()
    views["standby"] = story.view
    story.keys("sale", "1", "2", "3", "4")
    views["amount"] = story.view
    story.keys("enter")
    views["card"] = story.view
    story.card()
    views["pin"] = story.view
    story.pin()
    views["selling"] = story.view
    story.approved()
    views["approved"] = story.view
    slips_out(story)
    story.keys("sale", "5", "0", "0", "0", "0", "enter")
    story.card()
    story.pin()
    story.refused("SendPayment", "51")
    views["refused"] = story.view
    story.keys("enter")
    story.keys("void", *story.state.today[-1].trace_no)
    views["void_asks"] = story.view
    story.keys("enter")
    views["void_found"] = story.view
    story.keys("enter")
    views["void_card"] = story.view
    story.card("insert")
    views["approval_number"] = story.view
    story.keys("0", "0")
    views["approval_password"] = story.view
    story.pin()
    story.send(ev.Approved(now=story.now, approval_no=7, supervisor="陈店长"))
    story.approved()
    views["void_approved"] = story.view
    slips_out(story)
    refund_views(story, views)
    preauth_views(story, views)
    views["list"] = story.view
    newest = story.state.today[0]
    story.keys(f"row.{newest.batch_no}.{newest.trace_no}")
    views["line"] = story.view
    story.keys("cancel", "settle")
    story.counted()
    views["settle"] = story.view
    return views


def refund_views(story: Story, views: Views) -> None:
    """A sale, and a part of it given back; not to the end."""
    story.keys("sale", "9", "9", "0", "0", "enter")
    story.card()
    story.pin()
    story.approved(9900)
    slips_out(story)
    story.keys("refund", *story.state.today[0].trace_no, "enter")
    views["refund_found"] = story.view
    story.keys("enter", "5", "0", "0")
    views["refund_amount"] = story.view
    story.keys("enter")
    views["refund_card"] = story.view
    story.keys("cancel")


def preauth_views(story: Story, views: Views) -> None:
    """A pre-authorisation, a completion of too much, and one that fits."""
    story.keys("preauths")
    views["kinds"] = story.view
    story.keys("preauth", "5", "0", "0", "0", "enter")
    story.card()
    views["preauth_pin"] = story.view
    story.pin()
    story.approved(5000)
    views["preauth_approved"] = story.view
    slips_out(story)
    story.keys("completion", *"654321", "enter", "enter", "9", "9", "9", "9", "enter")
    story.card()
    story.refused("SendPayment", "61")
    views["completion_refused"] = story.view
    story.keys("enter", "completion", *"654321", "enter", "enter", "4", "0", "0", "0", "enter")
    story.card()
    story.approved(4000)
    slips_out(story)


def supervisor_views(model: str, lang: Lang) -> Views:
    """00 at the terminal, and a terminal that is locked."""
    views: Views = {}
    story = at_number(model, lang)
    story.keys("0", "0")
    views["menu"] = story.view
    story.keys("1", "0", "1")
    views["menu_password"] = story.view
    locked = Story(model, lang).to_standby()
    locked.keys("lock")
    views["locked"] = locked.view
    locked.keys("cancel")
    views["locked_menu"] = locked.view
    return views

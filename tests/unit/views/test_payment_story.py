"""The life of a payment: its message is shown as far as the record keeps it, and says where it keeps less."""

import pytest
from tests.worlds.webhook_rows import approved_sale

from zhanggui.cup.field60 import financial
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.store.lists.stories import PaymentParts
from zhanggui.views.payment_story import KEPT_LESS, payment_story


@pytest.mark.parametrize(("kind", "day"), [("sale", None), ("void", ""), ("refund", KEPT_LESS)])
def test_a_request_says_where_the_record_keeps_less_than_was_sent(kind: str, day: str | None) -> None:
    is_about = {} if day is None else {"original_batch_no": "000001", "original_trace_no": "000007"}
    payment = approved_sale(kind=kind, **is_about)
    request = {field.number: field.value for field in payment_story(PaymentParts(payment=payment)).timeline[0].message}
    sent = financial(PAYMENTS[kind].type_code, payment.batch_no)
    assert request[60].endswith(KEPT_LESS)
    assert sent.startswith(request[60].removesuffix(KEPT_LESS))
    assert len(request[60]) == 8 + len(KEPT_LESS)
    assert request.get(61) == (None if day is None else f"000001000007{day}")

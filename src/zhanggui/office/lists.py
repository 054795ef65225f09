"""The lists of the office: one row a list, with its page and where its rows lead.

What a list holds, the right that it asks for, how it is filtered and what its columns are is the view's to say
(`views/all_lists.py`); the same list is printed by the command line, sent by REST and exported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..views.all_lists import LISTS
from ..views.questions.asked_list import AskedList
from ..views.timeline import Tone
from .links import (
    path_of_batch,
    path_of_export,
    path_of_message,
    path_of_operator,
    path_of_payment,
    path_of_person,
    path_of_proposal,
    path_of_shift,
    path_of_sign_in,
    path_of_terminal,
    path_of_token,
    path_of_webhook,
)
from .shown import export_tone, message_tone, payment_tone, sign_in_tone, webhook_tone

Link = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class OfficeList:
    """One list of the office."""

    name: str
    """As the views call it."""
    path: str
    link: Link | None = None
    """The page of one row; None where a row has none."""
    tones: Mapping[str, Callable[[Any], Tone]] = field(default_factory=dict)
    """By column: how what stands there stands."""

    @property
    def asked(self) -> AskedList[Any]:
        """The list itself."""
        return LISTS[self.name]

    @property
    def area(self) -> str:
        """The area of the rights in which it stands."""
        return self.asked.area


OFFICE_LISTS = (
    OfficeList("payments", "/payments", path_of_payment, {"state": payment_tone}),
    OfficeList("sign_ins", "/sign-ins", path_of_sign_in, {"outcome": sign_in_tone}),
    OfficeList("operators", "/operators", path_of_operator),
    OfficeList("terminals", "/terminals", path_of_terminal),
    OfficeList("batches", "/batches", path_of_batch),
    OfficeList("shifts", "/shifts", path_of_shift),
    OfficeList("cases", "/cases"),
    OfficeList("orders", "/orders"),
    OfficeList("scripts", "/scripts"),
    OfficeList("documents", "/documents"),
    OfficeList("audit_notes", "/audit"),
    OfficeList("jobs", "/jobs"),
    OfficeList("export_files", "/exports", path_of_export, {"state": export_tone}),
    OfficeList("webhooks", "/webhooks", path_of_webhook, {"state": webhook_tone}),
    OfficeList("messages", "/messages", path_of_message, {"state": message_tone}),
    OfficeList("people", "/people", path_of_person),
    OfficeList("proposals", "/proposals", path_of_proposal),
    OfficeList("tokens", "/tokens", path_of_token),
)
_BY_NAME = {one.name: one for one in OFFICE_LISTS}


def list_of(name: str) -> OfficeList:
    """The office's list of this name."""
    return _BY_NAME[name]

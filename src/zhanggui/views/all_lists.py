"""Every list that can be asked, by its name: what the command line, REST, pages and exports have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .audit_notes import AUDIT_NOTES_ASKED
from .batches import BATCHES_ASKED, DIFFERENCES_ASKED
from .cases import CASES_ASKED
from .day_slips import DAY_SLIPS_ASKED
from .documents import DOCUMENTS_ASKED
from .export_files import EXPORT_FILES_ASKED
from .jobs import JOBS_ASKED
from .operators import OPERATORS_ASKED
from .orders import ORDERS_ASKED
from .payments import PAYMENTS_ASKED
from .people import PEOPLE_ASKED
from .proposals import PROPOSALS_ASKED
from .questions.asked_list import AskedList
from .questions.wrong import AskedWrong
from .scripts import SCRIPTS_ASKED
from .shifts import SHIFTS_ASKED
from .sign_ins import SIGN_INS_ASKED
from .terminals import TERMINALS_ASKED
from .tokens import TOKENS_ASKED
from .webhooks import MESSAGES_ASKED, WEBHOOKS_ASKED

LISTS: Mapping[str, AskedList[Any]] = MappingProxyType(
    {
        one.name: one
        for one in (
            PAYMENTS_ASKED,
            SIGN_INS_ASKED,
            SHIFTS_ASKED,
            OPERATORS_ASKED,
            TERMINALS_ASKED,
            BATCHES_ASKED,
            DIFFERENCES_ASKED,
            DAY_SLIPS_ASKED,
            SCRIPTS_ASKED,
            CASES_ASKED,
            ORDERS_ASKED,
            DOCUMENTS_ASKED,
            JOBS_ASKED,
            EXPORT_FILES_ASKED,
            AUDIT_NOTES_ASKED,
            PEOPLE_ASKED,
            PROPOSALS_ASKED,
            TOKENS_ASKED,
            WEBHOOKS_ASKED,
            MESSAGES_ASKED,
        )
    }
)
NOT_ASKED = frozenset({"scores", "metrics", "slips"})
"""Views that are no lists of the store: what a look at all findings comes to, and the archive of one terminal."""


def list_named(name: str) -> AskedList[Any]:
    """The list of this name. AskedWrong when there is none."""
    found = LISTS.get(name)
    if found is None:
        raise AskedWrong("list", "unknown_list", name_asked=name, choices=", ".join(LISTS))
    return found

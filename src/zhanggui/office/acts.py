"""The acts that people do in the office: one row an act, with what its form asks and what it says when it is done.

An act itself is a row of `host/act_table.py`: its rule, its right and its note are there. Here stands how a page asks for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from ..acquirer.people.rights import area_of
from ..acquirer.policy.capabilities import CAPABILITIES
from ..basics.words import Word
from ..cup.order_kinds import GIVEN_KINDS
from ..host.act_table import ACTS
from ..host.acts import ActRow
from .words import OFFICE_WORDS

Shown = Literal["", "password", "code", "badge", "link", "token", "webhook"]
"""What is shown once when it is done: a first password, a shift's code, the QR of an authenticator, a badge, an invitation, a token, the
secret of a webhook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeAct:
    """One act as the office offers it."""

    name: str
    """As in the table of acts."""
    about: Literal["operator", "terminal", "shop", "person", "token", "webhook", "message", "export"]
    """What it is done to: that stands in the address of its form and is not typed."""
    fields: tuple[str, ...] = ()
    """What is typed beside it: fields of the act's own struct."""
    is_dangerous: bool = False
    """Asked for with a reason, which stands in the note."""
    shown: Shown = ""
    is_at_once: bool = False
    """Done by its button on the page of what it is done to: nothing need be typed, and nobody is hurt."""

    @property
    def row(self) -> ActRow[Any]:
        """The act itself."""
        return ACTS[self.name]

    @property
    def area(self) -> str:
        """The area of the rights in which it stands."""
        return area_of(self.row.capability)

    @property
    def asks_reason(self) -> bool:
        """Whether it is not done without a reason: its rule asks for one, or the office does."""
        return self.is_dangerous or self.row.asks_reason

    @property
    def path(self) -> str:
        """Where its form is."""
        return f"/acts/{self.name}"

    @property
    def called(self) -> Word:
        """What it is called."""
        own = OFFICE_WORDS.get(f"act.called.{self.name}")
        if own is not None:
            return own
        kind = GIVEN_KINDS.get(self.name.removeprefix("order_")) if self.name.startswith("order_") else None
        return kind if kind is not None else CAPABILITIES[self.row.capability]


OFFICE_ACTS: Mapping[str, OfficeAct] = MappingProxyType(
    {
        one.name: one
        for one in (
            OfficeAct(name="add_operator", about="shop", fields=("operator_no", "name", "user_name"), shown="password"),
            OfficeAct(name="rename_operator", about="operator", fields=("name", "user_name")),
            OfficeAct(name="unlock_operator", about="operator", is_at_once=True),
            OfficeAct(name="reset_password", about="operator", is_dangerous=True, shown="password"),
            OfficeAct(name="disable_operator", about="operator", is_dangerous=True),
            OfficeAct(name="enable_operator", about="operator"),
            OfficeAct(name="sign_out_operator", about="operator", is_dangerous=True),
            OfficeAct(name="enrol_code", about="operator", shown="code"),
            OfficeAct(name="issue_badge", about="operator", shown="badge"),
            OfficeAct(name="revoke_badge", about="operator", is_dangerous=True),
            OfficeAct(name="unlock_terminal", about="terminal", is_at_once=True),
            OfficeAct(name="order_remote_sign_out", about="terminal", is_dangerous=True),
            OfficeAct(name="order_remote_lock", about="terminal", fields=("contents",), is_dangerous=True),
            OfficeAct(name="order_remote_unlock", about="terminal"),
            OfficeAct(name="order_announcement", about="terminal", fields=("contents",)),
            OfficeAct(name="set_shift_code", about="shop", fields=("hours",), shown="password"),
            OfficeAct(name="set_rule", about="shop", fields=("rule", "value"), is_dangerous=True),
            OfficeAct(name="use_profile", about="shop", fields=("profile",), is_dangerous=True),
            OfficeAct(name="use_kind", about="shop", fields=("kind", "is_used"), is_dangerous=True),
            OfficeAct(
                name="invite_person", about="shop", fields=("login", "name", "role", "operator_no"), shown="link"
            ),
            OfficeAct(name="reset_person", about="person", is_dangerous=True, shown="link"),
            OfficeAct(name="disable_person", about="person", is_dangerous=True),
            OfficeAct(name="enable_person", about="person", shown="link"),
            OfficeAct(name="add_webhook", about="shop", fields=("address", "events"), shown="webhook"),
            OfficeAct(name="change_webhook", about="webhook", fields=("address", "events")),
            OfficeAct(name="test_webhook", about="webhook"),
            OfficeAct(name="pause_webhook", about="webhook"),
            OfficeAct(name="resume_webhook", about="webhook"),
            OfficeAct(name="rotate_webhook", about="webhook", is_dangerous=True, shown="webhook"),
            OfficeAct(name="remove_webhook", about="webhook", is_dangerous=True),
            OfficeAct(name="send_again", about="message", fields=("webhook_no", "shop_no")),
            OfficeAct(name="delete_export", about="export"),
            OfficeAct(name="set_person_role", about="person", fields=("role",), is_dangerous=True),
            OfficeAct(
                name="add_token", about="shop", fields=("name", "scopes", "days"), is_dangerous=True, shown="token"
            ),
            OfficeAct(name="rotate_token", about="token", shown="token"),
            OfficeAct(name="revoke_token", about="token"),
        )
    }
)
ASKED_FOR = frozenset(OFFICE_ACTS) | {"settle_finding", "export_list", "order_export", "take_export"}
"""All acts that an office has its host do: a host does no other for it."""
NOT_HERE: Mapping[str, str] = MappingProxyType(
    {
        "renew_master_key": "the key is made in the key room, by the console that has the vault",
        "erase_person": "it is announced by the command that erases, which must run while no host does",
        "prune_records": "it is announced by the command that drops what is over, or by the nightly job",
        "erase_document": "documents have no page yet; the console erases them",
        "open_document": "documents have no page yet; the console opens them",
        "settle_finding": "it stands on the page of its finding (pages/findings.py)",
        "tick_slips": "slips are ticked off at the terminal or by the console, pile by pile",
        "export_list": "it is asked for at its list (pages/exporting.py)",
        "order_export": "it is asked for at its list (pages/exporting.py)",
        "take_export": "it is asked for at the page of its file (pages/export_files.py)",
        "put_counter_code": "the card of the counter is printed by the console, which puts its code there and takes it away",
        "withdraw_counter_code": "the card of the counter is printed by the console, which puts its code there and takes it away",
    }
)
"""Acts that the office does not offer, and why."""

"""Where things have their pages: one path a kind of record, for lists, timelines and whoever links."""

from ..views.batches import BatchRow
from ..views.export_files import ExportRow
from ..views.operators import OperatorRow
from ..views.payments import PaymentRow
from ..views.people import PersonRow
from ..views.proposals import ProposalRow
from ..views.shifts import ShiftRow
from ..views.sign_ins import SignInRow
from ..views.terminals import TerminalRow
from ..views.tokens import TokenRow
from ..views.webhooks import MessageRow, WebhookRow


def path_of_payment(row: PaymentRow) -> str:
    """The page of a payment."""
    return f"/payments/{row.merchant_no}/{row.terminal_no}/{row.batch_no}/{row.trace_no}"


def path_of_sign_in(row: SignInRow) -> str:
    """The page of a sign-in."""
    return sign_in_path(row.merchant_no, row.record_no)


def sign_in_path(merchant_no: str, record_no: int) -> str:
    """The page of the sign-in with this record."""
    return f"/sign-ins/{merchant_no}/{record_no}"


def finding_path(merchant_no: str, key: str) -> str:
    """The page of the finding of this key."""
    return f"/findings/{merchant_no}/{key}"


def path_of_operator(row: OperatorRow) -> str:
    """The page of an operator."""
    return operator_path(row.merchant_no, row.operator_no)


def operator_path(merchant_no: str, operator_no: str) -> str:
    """The page of the operator of this number."""
    return f"/operators/{merchant_no}/{operator_no}"


def path_of_terminal(row: TerminalRow) -> str:
    """The page of a terminal."""
    return terminal_path(row.merchant_no, row.terminal_no)


def terminal_path(merchant_no: str, terminal_no: str) -> str:
    """The page of the terminal of this number."""
    return f"/terminals/{merchant_no}/{terminal_no}"


def path_of_person(row: PersonRow) -> str:
    """The page of a person of the office."""
    return f"/people/{row.login}"


def path_of_token(row: TokenRow) -> str:
    """The page of a program's token."""
    return f"/tokens/{row.token_id}"


def path_of_proposal(row: ProposalRow) -> str:
    """The page of a proposal."""
    return proposal_path(row.merchant_no, row.proposal_no)


def proposal_path(merchant_no: str, proposal_no: int) -> str:
    """The page of the proposal of this number."""
    return f"/proposals/{merchant_no}/{proposal_no}"


def path_of_export(row: ExportRow) -> str:
    """The page of a file of a list."""
    return export_file_path(row.merchant_no, row.export_no)


def export_file_path(merchant_no: str, export_no: int) -> str:
    """The page of the file in this place."""
    return f"/exports/{merchant_no}/{export_no}"


def path_of_shift(row: ShiftRow) -> str:
    """The page of a shift: its X or Z."""
    return f"/shifts/{row.merchant_no}/{row.session_no}"


def path_of_batch(row: BatchRow) -> str:
    """The page of a batch: its X or Z."""
    return f"/batches/{row.merchant_no}/{row.terminal_no}/{row.batch_no}"


def path_of_webhook(row: WebhookRow) -> str:
    """The page of a webhook."""
    return webhook_path(row.merchant_no, str(row.webhook_no))


def webhook_path(merchant_no: str, webhook_no: str) -> str:
    """The page of the webhook of this number."""
    return f"/webhooks/{merchant_no}/{webhook_no}"


def path_of_message(row: MessageRow) -> str:
    """The page of a message to a webhook."""
    return message_path(row.merchant_no, row.message_id)


def message_path(merchant_no: str, message_id: str) -> str:
    """The page of the message of this number."""
    return f"/messages/{merchant_no}/{message_id}"


def invitation_path(secret: str) -> str:
    """Where somebody who was invited sets a password."""
    return f"/invitation/{secret}"


def path_of_link(link: str) -> str:
    """The page that a moment of a timeline leads to (`payment:…`); empty where it leads nowhere."""
    kind, _, key = link.partition(":")
    return f"/payments/{key}" if kind == "payment" else ""

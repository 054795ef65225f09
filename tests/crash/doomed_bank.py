"""`zhanggui bank`, killed around the commit of a payment.

Usage: doomed_bank.py POINT bank --data DIR …

    ledger:sale:begun       the sale is written and not committed        ledger:reversal:begun   the same for a reversal
    ledger:sale:kept        it is committed and nobody was answered      ledger:reversal:kept
"""

from unittest import mock

from tests.crash.doom import die, doomed_arguments

from zhanggui.bank import store
from zhanggui.bank.accounts import Books
from zhanggui.cli.main import main
from zhanggui.edges.sqlite import Connection

POINT = doomed_arguments()
_, WHAT, WHERE = POINT.split(":")
STATES = {"sale": ("approved",), "reversal": ("reversed", "reversed_before_arrival")}[WHAT]

write, commit = store.write, store.commit
meant: list[bool] = []


def write_and_look(connection: Connection, books: Books) -> None:
    """Write a batch, and remember whether it holds what the kill point names."""
    meant.append(any(books.payments[identity].state in STATES for identity in books.changed_payments))
    write(connection, books)


def commit_and_die(connection: Connection) -> None:
    """Commit a batch, unless this is the end."""
    if meant[-1] and WHERE == "begun":
        die()
    commit(connection)
    if meant[-1]:
        die()


if __name__ == "__main__":
    with mock.patch.object(store, "write", write_and_look), mock.patch.object(store, "commit", commit_and_die):
        main()

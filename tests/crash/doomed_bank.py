"""`zhanggui bank`, killed around the commit of a payment.

ledger:sale:begun       the sale is written and not committed        ledger:reversal:begun   the same for a reversal
ledger:sale:kept        it is committed and nobody was answered      ledger:reversal:kept
"""

from unittest import mock

from tests.crash.doom import Point, die

from zhanggui.bank import store
from zhanggui.bank.accounts import Books
from zhanggui.cli.main import main
from zhanggui.edges.sqlite import Connection

STATES = {"sale": ("approved",), "reversal": ("reversed", "reversed_before_arrival")}


def run(doom: str) -> None:
    """Be `zhanggui bank` until the point is reached; the command line is the real program's."""
    point = Point.parse(doom)
    states = STATES[point.what]
    write, commit = store.write, store.commit
    meant: list[bool] = []

    def write_and_look(connection: Connection, books: Books) -> None:
        meant[:] = [any(books.payments[identity].state in states for identity in books.changed_payments)]
        write(connection, books)

    def commit_and_die(connection: Connection) -> None:
        if meant == [True] and point.where == "begun":
            die()
        commit(connection)
        if meant == [True]:
            die()

    with mock.patch.object(store, "write", write_and_look), mock.patch.object(store, "commit", commit_and_die):
        main()

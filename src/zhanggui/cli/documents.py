"""`zhanggui documents`: what is kept sealed; written out for who has the passphrase; its contents taken away."""

import sys
from pathlib import Path

from ..basics.errors import Fault, Misuse, certain
from ..basics.numbers import MerchantNo
from ..host.act_table import ERASE_DOCUMENT_ACT, OPEN_DOCUMENT_ACT, OneDocument
from ..programs.settings import Settings
from ..store.queries import PlaceFilter
from ..views.documents import DOCUMENTS, read_documents
from .console import Console
from .lists import lists_of, print_list
from .management_words import done_text
from .output import print_json


def list_documents(settings: Settings, merchant: str, limit: int, *, as_json: bool) -> None:
    """List documents, newest first."""
    wanted = PlaceFilter(merchant_no=MerchantNo(merchant) if merchant else None, limit=limit)
    with lists_of(settings) as queries:
        rows = read_documents(queries, wanted)
    print_list(settings, DOCUMENTS, rows, as_json=as_json)


def write(
    settings: Settings, merchant: str, by: str, document_id: str, out: Path, reason: str = "", *, as_json: bool
) -> None:
    """Open one document and write its contents as they came; who did stands in the notes first. Misuse when it is not there, or gone."""
    console = Console(settings, merchant, by, reason)
    if out.exists():
        raise Misuse(f"{out} is there already and is not overwritten; give another name")
    console.do(OPEN_DOCUMENT_ACT, OneDocument(document_id))
    with lists_of(settings) as queries:
        document = queries.document(document_id)
    document = certain(document, "the act looked at it")
    content = console.keys.open_document(document.merchant_no, document.document_id, document.sealed)
    try:
        with out.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise Misuse(f"{out} is there already and is not overwritten; give another name") from None
    except OSError as error:
        raise Fault(f"can't write {out}: {error.strerror}") from error
    if as_json:
        print_json({"document_id": document_id, "file": str(out), "bytes": len(content)})
    else:
        sys.stdout.write(done_text("document_written", settings.lang, document=document_id, file=str(out)) + "\n")


def erase(settings: Settings, merchant: str, by: str, document_id: str, reason: str = "", *, as_json: bool) -> None:
    """Take the contents away."""
    Console(settings, merchant, by, reason).do(ERASE_DOCUMENT_ACT, OneDocument(document_id))
    if as_json:
        print_json({"document_id": document_id, "done": "erased"})
    else:
        sys.stdout.write(done_text("document_erased", settings.lang, document=document_id) + "\n")

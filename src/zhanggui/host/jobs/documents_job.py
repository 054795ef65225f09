"""The job `forget_documents`: each night the contents of documents go whose time is over. Its rule is `acquirer/slips/erasing.py`."""

from collections.abc import Sequence

import msgspec

from ...acquirer.rows.records import Document, DocumentKey, Job
from ...acquirer.slips.erasing import expire
from ...basics.numbers import MerchantNo
from ...store.port import Store
from .nightly import nightly_rows

KIND = "forget_documents"
HOUR = 4
"""Of China's night, after the answers."""
DOCUMENTS_AT_ONCE = 200
FIRST: DocumentKey = (MerchantNo(""), "")


async def _page(store: Store, job: Job) -> Sequence[Document]:
    after = msgspec.json.decode(job.cursor, type=DocumentKey) if job.cursor else FIRST
    return await store.documents_until(job.due_ms, after, DOCUMENTS_AT_ONCE)


FORGET_DOCUMENTS = nightly_rows(KIND, HOUR, Document, _page, expire)

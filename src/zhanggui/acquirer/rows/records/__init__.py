"""What the acquirer keeps: one frozen struct a table, one struct a row.

Every record has `KEY`, the names of its primary key; `merchant_no` comes first in each of them, so that the tables can be
spread over machines by it. Instants are UnixMs, money is integer fen, states are words. No record holds a card number,
a PIN, a PIN block or a clear key: cards are a mask and a keyed hash, keys are sealed blocks.
"""

from .all_records import ALL_RECORDS as ALL_RECORDS
from .all_records import KEY_OF as KEY_OF
from .all_records import key_of as key_of
from .answers import *
from .approvals import *
from .batches import *
from .counters import *
from .documents import *
from .jobs import *
from .payments import *
from .people import *
from .proof import *
from .record import Record as Record
from .shops import *
from .sign_ins import *

"""What the flow asks the shell to do. Effects are data, performed in order; each ends in the events named beside it.

`Remember…` effects are durable (SQLite, FULL) before the next effect of the same step begins; if one fails, the rest of the
step is dropped and `JournalFailed` comes back. That order is the whole of crash safety: see `terminal/README.md`.
"""

from .base import Effect as Effect
from .base import Exchange as Exchange
from .base import Remember as Remember
from .devices import CloseReader as CloseReader
from .devices import LookAtLine as LookAtLine
from .devices import OpenReader as OpenReader
from .devices import Restart as Restart
from .devices import RunSelfCheck as RunSelfCheck
from .devices import StartPinEntry as StartPinEntry
from .devices import StopPinEntry as StopPinEntry
from .devices import TakeExpiry as TakeExpiry
from .devices import TakeNumber as TakeNumber
from .duty import RememberNote as RememberNote
from .duty import RememberTrace as RememberTrace
from .duty import SendApproval as SendApproval
from .duty import SendLock as SendLock
from .duty import SendManage as SendManage
from .duty import SendNewPassword as SendNewPassword
from .duty import SendSignOut as SendSignOut
from .duty import SendStatus as SendStatus
from .payment import FindPayment as FindPayment
from .payment import RememberApproval as RememberApproval
from .payment import RememberAskedAfter as RememberAskedAfter
from .payment import RememberDecline as RememberDecline
from .payment import RememberDoubt as RememberDoubt
from .payment import RememberLate as RememberLate
from .payment import RememberLine as RememberLine
from .payment import RememberPayment as RememberPayment
from .payment import RememberReversed as RememberReversed
from .payment import RememberScript as RememberScript
from .payment import RunScripts as RunScripts
from .payment import SendPayment as SendPayment
from .payment import SendReversal as SendReversal
from .payment import SendScript as SendScript
from .settlement import CountBatch as CountBatch
from .settlement import RememberSettled as RememberSettled
from .settlement import RememberSettlement as RememberSettlement
from .settlement import SendDetails as SendDetails
from .settlement import SendSettlement as SendSettlement
from .settlement import SendSignOff as SendSignOff
from .settlement import SendUploadEnd as SendUploadEnd
from .setup import ChangeSetting as ChangeSetting
from .setup import ReadSetup as ReadSetup
from .setup import RememberSetting as RememberSetting
from .sign_in import CheckOffline as CheckOffline
from .sign_in import SealEnvelope as SealEnvelope
from .sign_in import SendConfirm as SendConfirm
from .sign_in import SendGivenUp as SendGivenUp
from .sign_in import SendOffline as SendOffline
from .sign_in import SendPhoneAsk as SendPhoneAsk
from .sign_in import SendPhoneCode as SendPhoneCode
from .sign_in import SendPhoneLeft as SendPhoneLeft
from .sign_in import SendSignOn as SendSignOn
from .sign_in import SendVerify as SendVerify
from .slips import CollectSignature as CollectSignature
from .slips import Print as Print
from .slips import PrintSlip as PrintSlip
from .slips import RememberPrinted as RememberPrinted
from .slips import RememberSignatureTaken as RememberSignatureTaken
from .slips import SendSignature as SendSignature
from .slips import SendSlip as SendSlip
from .slips import SendTicks as SendTicks

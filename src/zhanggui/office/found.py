"""What was found, with who looked into it: for the pages of findings and for programs."""

from collections.abc import Iterator

import msgspec

from ..acquirer.findings.finding import Finding
from ..acquirer.findings.settling import Settled, SettledKey, settled_of
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.spans import DAY_MS
from ..host.act_table import FindingLookedInto
from ..store.queries import Queries
from ..views.findings import finding_key, read_settled
from ..views.questions.reading import Reading
from .desk import FoundFindings, OfficeDesk

STANDINGS = ("open", "settled", "all")


class Found(msgspec.Struct, frozen=True):
    """The findings of a shop, or of all, and what people found out about them."""

    findings: FoundFindings
    settled: dict[SettledKey, Settled]

    def standing(self, standing: str) -> Iterator[tuple[Finding, Settled | None]]:
        """Those that stand so: `open`, `settled`, or `all`."""
        for one in self.findings.findings:
            by = settled_of(one, self.settled)
            if standing == "all" or (by is not None) == (standing == "settled"):
                yield one, by

    def one(self, merchant_no: str, key: str) -> tuple[Finding, Settled | None] | None:
        """The one of this key; None where nothing such is found any more."""
        for finding, by in self.standing("all"):
            if finding.subject.merchant_no == merchant_no and finding_key(finding) == key:
                return finding, by
        return None


async def read_found(desk: OfficeDesk, shop: MerchantNo | None, *, anew: bool = False) -> Found:
    """What is found now; `anew`: not what was found some minutes ago."""
    found = await desk.find(shop, anew=anew)
    since, now = UnixMs(found.at - found.days * DAY_MS), desk.clock.now()

    def ask(queries: Queries) -> dict[SettledKey, Settled]:
        return read_settled(Reading(queries, now), shop, since)

    return Found(found, await desk.read(ask))


def looked_into(finding: Finding, outcome: str) -> FindingLookedInto:
    """What the act asks that says what it was. Raises msgspec.ValidationError for an outcome that is none."""
    subject = finding.subject
    return msgspec.convert(
        {
            "detector": finding.detector,
            "kind": subject.kind,
            "name": subject.name,
            "until_ms": finding.until_ms,
            "outcome": outcome,
        },
        FindingLookedInto,
    )

"""An export of provable records: JSON lines that can be checked by themselves, without a database.

    {"type":"header","format":"zhanggui-audit","version":1,"public_key":"…","made_ms":…}
    {"type":"checkpoint",…}     every signed checkpoint
    {"type":"link",…}           every link, chain by chain, in order
    {"type":"head",…}           where each chain ends
    {"type":"record",…}         every record: contents as they are committed to, and the salt
    {"type":"end",…}            how many lines of each kind there were

Bytes stand in lower-case hexadecimal. The encodings that hashes and signatures cover stand in `chain.py`. The public key in the
header says by whom the export claims to be signed: compare it with the host's own, or give an anchor.
"""

from collections.abc import Iterable, Iterator

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.errors import Misuse
from ...basics.numbers import MerchantNo, UnixMs
from ..rows.records import ChainHead, Checkpoint, Link
from .audit import Audit, Problem, ProvenRecord

FORMAT, VERSION = "zhanggui-audit", 1
LINE_BYTES_MAX = 65_536
"""A record has under 2 KiB."""


class HeaderLine(msgspec.Struct, frozen=True, kw_only=True, tag="header"):
    """What this is and who claims to have signed it."""

    format: str = FORMAT
    version: int = VERSION
    public_key: str
    made_ms: UnixMs


class CheckpointLine(msgspec.Struct, frozen=True, kw_only=True, tag="checkpoint"):
    """A signed checkpoint; the lines of `host/checkpoints.jsonl` are the same."""

    merchant_no: MerchantNo
    link_no: int
    head_hash: str
    made_ms: UnixMs
    signature: str

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "CheckpointLine":
        """The line of a checkpoint."""
        return cls(
            merchant_no=checkpoint.merchant_no,
            link_no=checkpoint.link_no,
            head_hash=checkpoint.head_hash.hex(),
            made_ms=checkpoint.made_ms,
            signature=checkpoint.signature.hex(),
        )

    def checkpoint(self) -> Checkpoint:
        """The checkpoint of a line. ValueError when its bytes are not hexadecimal."""
        return Checkpoint(
            merchant_no=self.merchant_no,
            link_no=self.link_no,
            head_hash=bytes.fromhex(self.head_hash),
            made_ms=self.made_ms,
            signature=bytes.fromhex(self.signature),
        )


class LinkLine(msgspec.Struct, frozen=True, kw_only=True, tag="link"):
    """A link of a chain."""

    merchant_no: MerchantNo
    link_no: int
    record_kind: str
    record_no: int
    event: str
    commitment: str
    previous: str
    hash: str
    made_ms: UnixMs

    @classmethod
    def of(cls, link: Link) -> "LinkLine":
        """The line of a link."""
        return cls(
            merchant_no=link.merchant_no,
            link_no=link.link_no,
            record_kind=link.record_kind,
            record_no=link.record_no,
            event=link.event,
            commitment=link.commitment.hex(),
            previous=link.previous.hex(),
            hash=link.hash.hex(),
            made_ms=link.made_ms,
        )

    def link(self) -> Link:
        """The link of a line. ValueError when its bytes are not hexadecimal."""
        return Link(
            merchant_no=self.merchant_no,
            link_no=self.link_no,
            record_kind=self.record_kind,
            record_no=self.record_no,
            event=self.event,
            commitment=bytes.fromhex(self.commitment),
            previous=bytes.fromhex(self.previous),
            hash=bytes.fromhex(self.hash),
            made_ms=self.made_ms,
        )


class HeadLine(msgspec.Struct, frozen=True, kw_only=True, tag="head"):
    """Where the database believed that a chain ends."""

    merchant_no: MerchantNo
    link_no: int
    hash: str


class RecordLine(msgspec.Struct, frozen=True, kw_only=True, tag="record"):
    """A record with what its last commitment is made of."""

    merchant_no: MerchantNo
    record_kind: str
    record_no: int
    salt: str
    contents: dict[str, str | int]


class EndLine(msgspec.Struct, frozen=True, kw_only=True, tag="end"):
    """The last line; without it the export was cut short."""

    checkpoints: int
    links: int
    records: int


Line = HeaderLine | CheckpointLine | LinkLine | HeadLine | RecordLine | EndLine

encode_line = msgspec.json.Encoder().encode
_decode_line = msgspec.json.Decoder(Line).decode


def write_lines(
    public_key: bytes,
    now: UnixMs,
    checkpoints: Iterable[Checkpoint],
    links: Iterable[Link],
    heads: Iterable[ChainHead],
    records: Iterable[ProvenRecord],
) -> Iterator[Line]:
    """The lines of an export, in order."""
    yield HeaderLine(public_key=public_key.hex(), made_ms=now)
    checkpoint_count = link_count = record_count = 0
    for checkpoint in checkpoints:
        checkpoint_count += 1
        yield CheckpointLine.of(checkpoint)
    for link in links:
        link_count += 1
        yield LinkLine.of(link)
    for head in heads:
        yield HeadLine(merchant_no=head.merchant_no, link_no=head.link_no, hash=head.hash.hex())
    for record in records:
        record_count += 1
        yield RecordLine(
            merchant_no=record.merchant_no,
            record_kind=record.record_kind,
            record_no=record.record_no,
            salt=record.salt.hex(),
            contents=dict(record.contents),
        )
    yield EndLine(checkpoints=checkpoint_count, links=link_count, records=record_count)


def read_lines(raw: Iterable[bytes]) -> Iterator[Line]:
    """Decode the lines of a file. Misuse, with the number of the line, when one is no line of an export."""
    for number, line in enumerate(raw, 1):
        if not line.strip():
            continue
        try:
            yield _decode_line(line)
        except BAD_JSON:
            raise Misuse(f"line {number} of the export can't be read: it was altered, or this is no export") from None


def header_of(lines: Iterator[Line]) -> HeaderLine:
    """Take the first line. Misuse when it is no header, or one of another format."""
    first = next(lines, None)
    if not isinstance(first, HeaderLine) or (first.format, first.version) != (FORMAT, VERSION):
        raise Misuse("this is no export of provable records that this program knows (zhanggui-audit, version 1)")
    return first


def feed(audit: Audit, lines: Iterable[Line]) -> None:
    """Feed the lines after the header to an audit. Misuse when bytes are not hexadecimal."""
    counts = {CheckpointLine: 0, LinkLine: 0, RecordLine: 0}
    end: EndLine | None = None
    try:
        for line in lines:
            if type(line) is LinkLine:
                audit.link(line.link())
            elif type(line) is RecordLine:
                audit.record(
                    ProvenRecord(
                        merchant_no=line.merchant_no,
                        record_kind=line.record_kind,
                        record_no=line.record_no,
                        contents=line.contents,
                        salt=bytes.fromhex(line.salt),
                    )
                )
            elif type(line) is CheckpointLine:
                audit.checkpoint(line.checkpoint())
            elif type(line) is HeadLine:
                audit.head(line.merchant_no, line.link_no, bytes.fromhex(line.hash))
            elif type(line) is EndLine:
                end = line
            if type(line) in counts:
                counts[type(line)] += 1
    except ValueError:
        raise Misuse("a line of the export holds bytes that are not hexadecimal: it was altered") from None
    told = None if end is None else (end.checkpoints, end.links, end.records)
    if told != tuple(counts.values()):
        audit.note(Problem(what="export_cut_short"))

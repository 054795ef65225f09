"""`zhanggui audit`: are the records as they were made? From the database, or from an export and nothing else."""

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from ..acquirer.policy.rules import policy_of
from ..acquirer.proof.audit import Audit, Outcome, Problem
from ..acquirer.proof.export import LINE_BYTES_MAX, encode_line, feed, header_of, read_lines, write_lines
from ..acquirer.proof.problems import problem_text
from ..acquirer.proof.retention import months_before
from ..acquirer.rows.records import Checkpoint
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock, format_time
from ..basics.errors import Fault, Misuse
from ..basics.numbers import UnixMs
from ..basics.words import load_words
from ..host.jobs.checkpoint_file import read_checkpoint_file
from ..host.keys import open_host_keys
from ..programs.data_folder import Places, open_host_vault, require_data, store_target
from ..programs.settings import Settings
from ..store.open import open_proof_rows, open_queries
from ..store.proof_rows import ProofRows
from ..store.queries import SignInFilter
from ..vault.signature import signature_fits
from .output import print_json, print_text
from .retention import Pruning, change_records

T = TypeVar("T")

AUDIT_WORDS = load_words(__package__, "audit.toml")

EXIT_NOT_SOUND = 1
PROGRESS_EVERY = 25_000
PROGRESS_AFTER_S = 1.5
SHOWN_MAX = 20
"""Problems shown as text; `--json` has up to a thousand."""


def verify(settings: Settings, *, export: Path | None, anchor: Path | None, as_json: bool) -> None:
    """Check everything; exit code 1, and what is wrong, when something is."""
    anchors = read_checkpoint_file(anchor) if anchor is not None else []
    if export is not None:
        outcome, key = _verify_export(export, anchors)
    else:
        outcome, key = _verify_database(settings, anchors)
    if as_json:
        told = {**msgspec.to_builtins(outcome), "public_key": key}
        print_json(told)
    else:
        print_text(_text(outcome, key, settings.lang), end="")
    if not outcome.ok:
        sys.exit(EXIT_NOT_SOUND)


def export_records(settings: Settings, out: Path) -> None:
    """Write an export that can be checked by itself. The file must not exist yet."""
    places = Places(settings.data_path)
    key = _public_key(settings, places)
    try:
        with open_proof_rows(store_target(settings, places)) as rows, out.open("xb") as file:
            count = 0
            lines = write_lines(
                key, SystemClock().now(), rows.checkpoints(), rows.links(), rows.heads(), rows.records()
            )
            for line in _with_progress(lines):
                file.write(encode_line(line) + b"\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise Misuse(f"{out} is there already and is not overwritten; give another name") from None
    except OSError as error:
        raise Fault(f"can't write {out}: {error.strerror}") from None
    sys.stdout.write(AUDIT_WORDS["exported"].fill(settings.lang, count=count, file=out) + "\n")


def prune(settings: Settings, *, as_json: bool) -> None:
    """Drop the contents of sign-in records that are older than each merchant's policy keeps them. End the host first."""
    places = Places(settings.data_path)
    require_data(places)
    now = SystemClock().now()
    told: list[dict[str, object]] = []
    with open_queries(store_target(settings, places)) as queries:
        pruning: list[Pruning] = []
        for merchant in queries.list_merchants():
            months = policy_of(merchant.policy, merchant.policy_overrides).record_months
            before = months_before(now, months)
            old = SignInFilter(merchant_no=merchant.merchant_no, until_ms=before)
            numbers = [record.record_no for record in queries.each_sign_in(old)]
            pruning.append(Pruning(merchant.merchant_no, numbers, before))
            told.append({"merchant_no": merchant.merchant_no, "months": months, "before": format_time(before)})
    gone = asyncio.run(change_records(settings, pruning))
    for row, count in zip(told, gone, strict=True):
        row["dropped"] = count
    if as_json:
        print_json(told)
        return
    for row in told:
        sys.stdout.write(AUDIT_WORDS["dropped"].fill(settings.lang, **row) + "\n")


def _verify_database(settings: Settings, anchors: Iterable[Checkpoint]) -> tuple[Outcome, str]:
    places = Places(settings.data_path)
    key = _public_key(settings, places)
    kept = read_checkpoint_file(places.host_checkpoints) if places.host_checkpoints.exists() else []
    audit = Audit(partial(signature_fits, key))
    for anchor in (*anchors, *kept):
        audit.checkpoint(anchor, is_anchor=True)
    with open_proof_rows(store_target(settings, places)) as rows:
        # Several hosts on one PostgreSQL have a file each; beside SQLite the one file holds all.
        _feed_rows(audit, rows, kept if not settings.host.store else None)
    return audit.finish(), key.hex()


def _feed_rows(audit: Audit, rows: ProofRows, kept: Iterable[Checkpoint] | None) -> None:
    in_file = None if kept is None else {(one.merchant_no, one.link_no, one.head_hash) for one in kept}
    for checkpoint in rows.checkpoints():
        audit.checkpoint(checkpoint)
        place = (checkpoint.merchant_no, checkpoint.link_no, checkpoint.head_hash)
        if in_file is not None and place not in in_file:
            audit.note(Problem(what="checkpoint_not_in_file", merchant_no=place[0], link_no=place[1]))
    for link in _with_progress(rows.links()):
        audit.link(link)
    for head in rows.heads():
        audit.head(head.merchant_no, head.link_no, head.hash)
    for record in _with_progress(rows.records()):
        audit.record(record)


def _verify_export(path: Path, anchors: Iterable[Checkpoint]) -> tuple[Outcome, str]:
    try:
        with path.open("rb") as file:
            lines = read_lines(_bounded_lines(file))
            key = _key_of(header_of(lines).public_key)
            audit = Audit(partial(signature_fits, key))
            for anchor in anchors:
                audit.checkpoint(anchor, is_anchor=True)
            feed(audit, _with_progress(lines))
    except OSError as error:
        raise Misuse(f"can't read {path}: {error.strerror}") from None
    return audit.finish(), key.hex()


def _bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LINE_BYTES_MAX):
        yield line


def _key_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Misuse("the public key in the export is not hexadecimal: the export was altered") from None


def _public_key(settings: Settings, places: Places) -> bytes:
    return open_host_keys(open_host_vault(settings, places, SystemChance()), places.host_keys).public_key


def _with_progress(items: Iterable[T]) -> Iterator[T]:
    """Hand the items on, and say on standard error how many there were, when it takes long."""
    clock = SystemClock()
    told_s = clock.elapsed_s()
    for count, item in enumerate(items):
        yield item
        if count % PROGRESS_EVERY == 0 and clock.elapsed_s() - told_s > PROGRESS_AFTER_S:
            told_s = clock.elapsed_s()
            print(f"… {count:,}", file=sys.stderr, flush=True)


def _text(outcome: Outcome, key: str, lang: str) -> str:
    words = AUDIT_WORDS
    if outcome.ok:
        lines = [words["sound"].of(lang)]
    else:
        count = outcome.problem_count
        lines = [words["not_sound"].fill(lang, count=count)]
        lines += [f"  · {problem_text(problem, lang)}" for problem in outcome.problems[:SHOWN_MAX]]
        if count > SHOWN_MAX:
            lines.append(f"  … {count - SHOWN_MAX}  (--json)")
    for name, value in (
        ("records", outcome.records),
        ("erased", outcome.erased),
        ("pruned", outcome.pruned),
        ("links", outcome.links),
        ("checkpoints", outcome.checkpoints),
        ("anchors", outcome.anchors),
    ):
        lines.append(f"  {words[name].of(lang)}: {value:,}")
    for chain in outcome.chains:
        signed = "—" if chain.signed_ms is None else format_time(UnixMs(chain.signed_ms))
        told = words["chain"].fill(lang, signed=chain.signed_links, links=chain.links, time=signed)
        lines.append(f"  {chain.merchant_no}: {told}")
    lines.append(f"  {words['public_key'].of(lang)}: {key}")
    return "\n".join(lines) + "\n"

"""Whoever alters, deletes, adds or moves one record, or calculates the chain anew without the key, is found: every time."""

import random
from collections.abc import Callable

import msgspec
import pytest
from tests.worlds.proof_shop import MORNING, SHOP, Shop, audit_lines, open_shop

from zhanggui.acquirer.proof.chain import NO_HASH, commit, link_hash, sign_checkpoint
from zhanggui.acquirer.proof.export import CheckpointLine, EndLine, HeaderLine, HeadLine, Line, LinkLine, RecordLine
from zhanggui.acquirer.rows.records import ChainHead
from zhanggui.basics.chance import SeededChance
from zhanggui.vault.software import SoftwareHsm

RECORDS = 1_000
TRIALS = 125
"""Of each of the eight kinds: 1,000 in all."""

Lines = list[Line]
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def shop() -> Shop:
    return open_shop(RECORDS)


@pytest.fixture(scope="module")
def sound(shop: Shop) -> Lines:
    return shop.lines()


def places_of(lines: Lines, kind: type[Line]) -> list[int]:
    return [place for place, line in enumerate(lines) if type(line) is kind]


def flip_a_byte(lines: Lines, dice: random.Random) -> None:
    """One bit of one value of a record, link, checkpoint or head."""
    while True:
        place = dice.choice([at for at, line in enumerate(lines) if not isinstance(line, HeaderLine | EndLine)])
        line = lines[place]
        if isinstance(line, RecordLine):
            name = dice.choice(["salt", *line.contents])
            if name == "salt":
                lines[place] = replace(line, salt=flipped(line.salt, dice))
            else:
                lines[place] = replace(line, contents={**line.contents, name: flipped(line.contents[name], dice)})
        else:
            name = dice.choice([one for one in line.__struct_fields__ if one not in ("merchant_no", "record_kind")])
            lines[place] = replace(line, **{name: flipped(getattr(line, name), dice)})
        if lines[place] != line:
            return


def flipped(value: str | int, dice: random.Random) -> str | int:
    if isinstance(value, int):
        return value ^ 1 << dice.randrange(40)
    at = dice.randrange(len(value))
    other = dice.choice([character for character in "0123456789abcdef" if character != value[at]])
    return value[:at] + other + value[at + 1 :]


def delete_a_record(lines: Lines, dice: random.Random) -> None:
    recount(lines, remove=dice.choice(places_of(lines, RecordLine)))


def delete_the_last_record(lines: Lines, dice: random.Random) -> None:
    """With its links and everything after them, as if it had never been; the heads are made to fit."""
    last = lines[places_of(lines, RecordLine)[-1]]
    assert isinstance(last, RecordLine)
    first = min(at for at in places_of(lines, LinkLine) if lines[at].record_no == last.record_no)  # type: ignore[union-attr]
    keep = dice.randrange(first, first + 2)
    cut = (
        {at for at in places_of(lines, LinkLine) if at >= keep} if keep == first else {places_of(lines, RecordLine)[-1]}
    )
    cut.add(places_of(lines, RecordLine)[-1])
    lines[:] = [line for at, line in enumerate(lines) if at not in cut]
    fix_heads(lines)
    recount(lines)


def delete_a_link(lines: Lines, dice: random.Random) -> None:
    recount(lines, remove=dice.choice(places_of(lines, LinkLine)))


def insert_a_record(lines: Lines, dice: random.Random) -> None:
    """A copy under a free number at the end, or a second one of the same."""
    place = dice.choice(places_of(lines, RecordLine))
    copy = lines[place]
    assert isinstance(copy, RecordLine)
    if dice.random() < 0.5:
        number = RECORDS + 1
        copy = replace(copy, record_no=number, contents={**copy.contents, "record_no": number})
        place = places_of(lines, RecordLine)[-1]
    lines.insert(place + 1, copy)
    recount(lines)


def swap_two(lines: Lines, dice: random.Random) -> None:
    """Two records or links change places, with or without their numbers."""
    kind: type[RecordLine] | type[LinkLine] = RecordLine if dice.random() < 0.5 else LinkLine
    one, other = dice.sample(places_of(lines, kind), 2)
    left, right = lines[one], lines[other]
    number = "record_no" if kind is RecordLine else "link_no"
    if dice.random() < 0.5:
        left, right = (
            replace(left, **{number: getattr(right, number)}),
            replace(right, **{number: getattr(left, number)}),
        )
    lines[one], lines[other] = right, left


def calculate_anew(lines: Lines, dice: random.Random) -> None:
    """Alter a record and make every commitment, link and head fit again. The checkpoints can't be made to fit."""
    alter_and_rechain(lines, dice)


def calculate_anew_and_sign_with_another_key(lines: Lines, dice: random.Random) -> None:
    alter_and_rechain(lines, dice)
    hsm = SoftwareHsm(bytes(32), SeededChance(dice.randrange(1 << 30)))
    key = hsm.new_signing_key()
    hashes = {line.link_no: line.hash for line in lines if isinstance(line, LinkLine)}
    for at in places_of(lines, CheckpointLine):
        line = lines[at]
        assert isinstance(line, CheckpointLine)
        head = ChainHead(
            merchant_no=SHOP, link_no=line.link_no, hash=bytes.fromhex(hashes[line.link_no]), signed_ms=MORNING
        )
        checkpoint, _ = sign_checkpoint(head, lambda data: hsm.sign(key, data), line.made_ms)
        lines[at] = CheckpointLine.of(checkpoint)


def alter_and_rechain(lines: Lines, dice: random.Random) -> None:
    place = dice.choice(places_of(lines, RecordLine))
    record = lines[place]
    assert isinstance(record, RecordLine)
    contents = {**record.contents, "operator_no": "98", "operator_name": "某人"}
    lines[place] = replace(record, contents=contents)
    last = max(at for at in places_of(lines, LinkLine) if lines[at].record_no == record.record_no)  # type: ignore[union-attr]
    link = lines[last]
    assert isinstance(link, LinkLine)
    lines[last] = replace(link, commitment=commit(bytes.fromhex(record.salt), contents).hex())
    previous = NO_HASH
    for at in places_of(lines, LinkLine):
        link = lines[at]
        assert isinstance(link, LinkLine)
        this = link_hash(
            link.merchant_no,
            link.link_no,
            link.record_kind,
            link.record_no,
            link.event,
            bytes.fromhex(link.commitment),
            previous,
            link.made_ms,
        )
        lines[at] = replace(link, previous=previous.hex(), hash=this.hex())
        previous = this
    fix_heads(lines)


def fix_heads(lines: Lines) -> None:
    last = [line for line in lines if isinstance(line, LinkLine)][-1]
    for at in places_of(lines, HeadLine):
        lines[at] = HeadLine(merchant_no=SHOP, link_no=last.link_no, hash=last.hash)


def recount(lines: Lines, remove: int | None = None) -> None:
    """The last line is made to fit, so that it is not the count that gives it away."""
    if remove is not None:
        del lines[remove]
    kinds = (CheckpointLine, LinkLine, RecordLine)
    lines[-1] = EndLine(
        **dict(zip(("checkpoints", "links", "records"), (len(places_of(lines, k)) for k in kinds), strict=True))
    )


TAMPERING: list[Callable[[Lines, random.Random], None]] = [
    flip_a_byte,
    delete_a_record,
    delete_the_last_record,
    delete_a_link,
    insert_a_record,
    swap_two,
    calculate_anew,
    calculate_anew_and_sign_with_another_key,
]


def test_what_nobody_touched_is_sound(shop: Shop, sound: Lines) -> None:
    outcome = audit_lines(sound)
    assert outcome.problems == ()
    assert outcome.ok
    assert (outcome.records, outcome.erased, outcome.pruned) == (RECORDS, 0, 0)
    assert outcome.chains[0].signed_links == outcome.links == len(shop.links) > 2 * RECORDS


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda tamper: tamper.__name__)
def test_tampering_is_found_every_time(
    tamper: Callable[[Lines, random.Random], None], shop: Shop, sound: Lines
) -> None:
    unseen = []
    for trial in range(TRIALS):
        lines = list(sound)
        tamper(lines, random.Random(f"{tamper.__name__} {trial}"))
        assert lines != sound
        if audit_lines(lines, key=shop.public_key).ok:
            unseen.append(trial)
    assert not unseen, f"not found in {len(unseen)} of {TRIALS} trials"


def test_the_problem_names_record_and_link(shop: Shop, sound: Lines) -> None:
    lines = list(sound)
    place = next(at for at in places_of(lines, RecordLine) if lines[at].record_no == 77)  # type: ignore[union-attr]
    record = lines[place]
    assert isinstance(record, RecordLine)
    lines[place] = replace(record, contents={**record.contents, "operator_no": "98"})
    (problem,) = audit_lines(lines).problems
    (last,) = [line.link_no for line in shop.links if line.record_no == 77][-1:]
    assert (problem.what, problem.record_no, problem.link_no) == ("record_altered", 77, last)
    del lines[place]
    recount(lines)
    (problem,) = audit_lines(lines).problems
    assert (problem.what, problem.record_no, problem.link_no) == ("record_missing", 77, last)


def test_an_export_with_a_key_of_its_own_is_found_by_an_anchor(shop: Shop, sound: Lines) -> None:
    lines = list(sound)
    alter_and_rechain(lines, random.Random(5))
    hsm = SoftwareHsm(bytes(32), SeededChance(9))
    key = hsm.new_signing_key()
    last = [line for line in lines if isinstance(line, LinkLine)][-1]
    head = ChainHead(merchant_no=SHOP, link_no=last.link_no, hash=bytes.fromhex(last.hash), signed_ms=MORNING)
    forged, _ = sign_checkpoint(head, lambda data: hsm.sign(key, data), MORNING)
    lines = [line for line in lines if not isinstance(line, CheckpointLine)]
    lines.insert(1, CheckpointLine.of(forged))
    lines[0] = HeaderLine(public_key=hsm.public_key(key).hex(), made_ms=MORNING)
    recount(lines)
    assert audit_lines(lines).ok, "by itself such an export only says who signed it: its key must be compared"
    assert not audit_lines(lines, anchors=shop.checkpoints[-1:]).ok
    assert not audit_lines(lines, key=shop.public_key).ok


def test_a_chain_cut_back_to_an_earlier_checkpoint_is_found_by_an_anchor(shop: Shop, sound: Lines) -> None:
    """The file of checkpoints, or a copy of it, knows how long the chain was."""
    kept = shop.checkpoints[-2]
    gone = {link.record_no for link in shop.links if link.link_no > kept.link_no}
    lines = [
        line
        for line in sound
        if not (isinstance(line, CheckpointLine | LinkLine) and line.link_no > kept.link_no)
        and not (isinstance(line, RecordLine) and line.record_no in gone)
    ]
    fix_heads(lines)
    recount(lines)
    found = audit_lines(lines, anchors=shop.checkpoints)
    assert "chain_ends_early" in {problem.what for problem in found.problems}


def test_checkpoints_that_were_taken_away_are_missed() -> None:
    lines: Lines = [line for line in open_shop(20, step_ms=600_000).lines() if not isinstance(line, CheckpointLine)]
    recount(lines)
    assert [problem.what for problem in audit_lines(lines).problems] == ["checkpoints_missing"]


def test_a_few_links_after_the_last_checkpoint_are_what_a_power_cut_leaves() -> None:
    lines: Lines = [line for line in open_shop(20).lines() if not isinstance(line, CheckpointLine)]
    recount(lines)
    outcome = audit_lines(lines)
    assert outcome.ok
    assert outcome.chains[0].signed_links == 0


def test_an_export_that_was_cut_short_is_found(sound: Lines) -> None:
    assert "export_cut_short" in {problem.what for problem in audit_lines(sound[:-1]).problems}
    assert not audit_lines(sound[: len(sound) // 2]).ok

"""The pool of the system's chance gives each byte once."""

import os
from concurrent.futures import ThreadPoolExecutor

from zhanggui.basics.chance import POOL_BYTES, POOLED_MAX_BYTES, SystemChance


def test_every_length_is_given_and_nothing_comes_twice() -> None:
    chance = SystemChance()
    taken = [chance.take(length) for length in (0, 1, 8, 16, POOLED_MAX_BYTES, POOLED_MAX_BYTES + 1, POOL_BYTES)]
    assert [len(one) for one in taken] == [0, 1, 8, 16, POOLED_MAX_BYTES, POOLED_MAX_BYTES + 1, POOL_BYTES]
    many = [chance.take(16) for _ in range(5 * POOL_BYTES // 16)]
    assert len(set(many)) == len(many)


def test_what_was_taken_is_not_in_the_pool_any_more() -> None:
    chance = SystemChance()
    taken = [chance.take(8) for _ in range(20)]
    assert all(one not in bytes(chance._pool) for one in taken)


def test_threads_get_bytes_of_their_own() -> None:
    chance = SystemChance()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: chance.take(12), range(4_000)))
    assert len(set(found)) == len(found)


def test_a_process_that_forked_off_draws_its_own() -> None:
    chance = SystemChance()
    chance.take(8)
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.write(writing, chance.take(32))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 32) != chance.take(32)

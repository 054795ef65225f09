"""The bounded mapping behind the caches, held against a plain model."""

from hypothesis import given
from hypothesis import strategies as st

from zhanggui.basics.recent import Recent

KEYS = st.integers(0, 12)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "get", "pop"]), KEYS), max_size=80)


@given(size_max=st.integers(1, 8), steps=STEPS)
def test_what_is_found_is_always_the_last_value_that_was_put(size_max: int, steps: list[tuple[str, int]]) -> None:
    kept: Recent[int, int] = Recent(size_max)
    true: dict[int, int] = {}
    for number, (what, key) in enumerate(steps):
        if what == "put":
            kept.put(key, number)
            true[key] = number
        else:
            found = kept.get(key) if what == "get" else kept.pop(key)
            assert found is None or found == true[key]
            if what == "pop":
                true.pop(key, None)
                assert kept.get(key) is None
        assert len(kept) <= max(size_max, 2)


@given(size_max=st.integers(2, 40), used=st.lists(KEYS, min_size=1, max_size=60))
def test_half_of_the_bound_is_kept_of_the_keys_that_were_used_last(size_max: int, used: list[int]) -> None:
    kept: Recent[int, int] = Recent(size_max)
    for key in used:
        if kept.get(key) is None:
            kept.put(key, key)
    lately = list(dict.fromkeys(reversed(used)))[: size_max // 2]
    assert [kept.get(key) for key in lately] == lately


@given(
    size_max=st.integers(2, 12), before=st.lists(KEYS, max_size=12), together=st.lists(KEYS, max_size=12, unique=True)
)
def test_many_are_put_as_one_after_the_other(size_max: int, before: list[int], together: list[int]) -> None:
    one_by_one: Recent[int, int] = Recent(size_max)
    at_once: Recent[int, int] = Recent(size_max)
    for kept in (one_by_one, at_once):
        for key in before:
            kept.put(key, key)
    for key in together:
        one_by_one.put(key, key + 100)
    at_once.put_all(together, [key + 100 for key in together])
    assert [at_once.get(key) for key in range(13)] == [one_by_one.get(key) for key in range(13)]
    assert len(at_once) <= size_max


def test_a_cleared_mapping_holds_nothing() -> None:
    kept: Recent[str, str] = Recent(4)
    for name in "abcd":
        kept.put(name, name)
    kept.clear()
    assert len(kept) == 0
    assert kept.get("d") is None

"""Which shops the job `settle` begins for, and how often their rows are read."""

from collections.abc import Mapping

import pytest
from tests.worlds.memory_host import MERCHANT, NOON, MemoryHost, tell_nothing

from zhanggui.acquirer.policy import rules
from zhanggui.acquirer.rows.records import Job, Merchant
from zhanggui.basics.numbers import MerchantNo
from zhanggui.host.jobs.durable import DurableJobs
from zhanggui.host.jobs.job_kinds import job_kinds

OTHER = MerchantNo("102100058120002")
AT_ONE = '{"settle_at_hour":1}'


def shop(merchant_no: MerchantNo, overrides: str = "", policy: str = "basic") -> Merchant:
    return Merchant(merchant_no=merchant_no, name="店", policy=policy, policy_overrides=overrides, created_ms=NOON)


def begun(house: MemoryHost) -> list[tuple[MerchantNo, str]]:
    return [
        (row.merchant_no, row.subject) for row in house.store.rows.values() if type(row) is Job and row.kind == "settle"
    ]


async def test_a_shop_whose_policy_cannot_be_read_keeps_no_other_from_settling() -> None:
    house = MemoryHost()
    house.store.put(shop(MERCHANT, '{"rule_of_a_newer_host":1}'), shop(OTHER, AT_ONE))
    await DurableJobs(job_kinds(tell_nothing), house.store, house.door, house.clock).look()
    assert [merchant_no for merchant_no, _ in begun(house)] == [OTHER]


async def test_a_shop_without_rules_of_its_own_settles_where_its_profile_names_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = MemoryHost()
    house.store.put(shop(MERCHANT), shop(OTHER))
    await DurableJobs(job_kinds(tell_nothing), house.store, house.door, house.clock).look()
    assert begun(house) == []
    known = rules.load_profile

    def with_an_hour(name: rules.ProfileName) -> Mapping[str, rules.Rule]:
        return {**known(name), "settle_at_hour": rules.Rule(value=23, clause="a profile of tomorrow")}

    monkeypatch.setattr(rules, "load_profile", with_an_hour)
    rules.policy_of.cache_clear()
    rules.is_set_by_a_profile.cache_clear()
    try:
        await DurableJobs(job_kinds(tell_nothing), house.store, house.door, house.clock).look()
    finally:
        rules.policy_of.cache_clear()
        rules.is_set_by_a_profile.cache_clear()
    assert begun(house) == [(MERCHANT, "2026-11-23T23"), (OTHER, "2026-11-23T23")]

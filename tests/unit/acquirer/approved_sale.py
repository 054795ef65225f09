"""Where several tests of payments begin: a sale that the bank approved."""

from tests.worlds.acquirer_world import (
    World,
    code_of,
    signed_in,
)


def approved() -> World:
    world = signed_in()
    world.sale()
    assert code_of(world.bank("00")) == "00"
    return world

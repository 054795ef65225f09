"""The world in virtual time: fleets of terminals with people and incidents, labelled, so that findings can be measured."""

"""A host that failed is left alone, and whoever asks next is told why."""

import pytest

from analysis.sources.faults import Fault, VendorError
from analysis.sources.gate import Gate, Manners


def test_who_asks_a_host_that_was_out_of_reach_is_told_what_was_wrong() -> None:
    gate = Gate(Manners())
    gate.failed("example.invalid", "the host's name cannot be found", for_good=True)

    with pytest.raises(VendorError, match="the host's name cannot be found") as caught:
        gate.enter("cftc", "example.invalid")

    assert caught.value.fault is Fault.RESTING


def test_a_host_that_answered_again_may_be_asked() -> None:
    gate = Gate(Manners())
    gate.failed("example.invalid", "it did not answer in time")
    gate.answered("example.invalid")
    gate.failed("example.invalid", "it did not answer in time")

    gate.enter("cftc", "example.invalid")

    assert gate.asked["example.invalid"] == 1

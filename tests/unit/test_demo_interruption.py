"""A signal ends what is going on, but not in the middle of starting or stopping something."""

from __future__ import annotations

import os
import signal

import pytest

from lti_tool.demo.interruption import AskedToStop, Interruption


def interrupt(number: int = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_asks_to_stop(number: int) -> None:
    with pytest.raises(AskedToStop), Interruption():
        interrupt(number)


def test_a_signal_in_a_held_block_waits_for_its_end() -> None:
    done = []

    def start(interruption: Interruption) -> None:
        with interruption.held():
            with interruption.held():
                interrupt()
                done.append("started")
            done.append("listed")
        done.append("never")

    with Interruption() as interruption, pytest.raises(AskedToStop):
        start(interruption)
    assert done == ["started", "listed"]


def test_a_second_signal_does_not_disturb_the_stopping() -> None:
    stopped = False
    with Interruption() as interruption:
        with pytest.raises(AskedToStop):
            interrupt()
        interrupt(signal.SIGTERM)
        with interruption.held():
            interrupt()
            stopped = True
    assert stopped


def test_afterwards_signals_do_what_they_did_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interruption():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_error_in_a_held_block_comes_out_even_when_a_signal_waits() -> None:
    def break_down(interruption: Interruption) -> None:
        with interruption.held():
            interrupt()
            raise ValueError("broken")

    with Interruption() as interruption:
        with pytest.raises(ValueError, match="broken"):
            break_down(interruption)
        with pytest.raises(AskedToStop), interruption.held():
            pass

"""Calls of plugins: what fails is counted, what fails again and again rests, what never returns is left behind."""

import threading
import time
from contextvars import ContextVar

import pytest

from leadhub.extensions import db
from leadhub.plugins import health
from leadhub.plugins.api import Failed, Skip
from leadhub.plugins.health import IN_A_ROW, REST_SECONDS, Containment, PluginFailed

pytestmark = pytest.mark.one_database
LANGUAGE = ContextVar("language", default="en")


class Odd(Exception):
    def __str__(self):
        raise RuntimeError("no words")


@pytest.fixture
def containment():
    return Containment()


@pytest.fixture
def clock(monkeypatch):
    """``clock(5)``: five seconds go by."""
    gone = [0.0]
    real = time.time
    monkeypatch.setattr(health.time, "time", lambda: real() + gone[0])
    return lambda seconds: gone.append(gone.pop() + seconds)


@pytest.fixture
def hang():
    """A function that does not return before the test ends."""
    over = threading.Event()
    yield lambda *arguments: over.wait(30)
    over.set()


def boom(*arguments):
    raise ValueError("boom")


def raiser(error):
    def work():
        raise error

    return work


def fail(containment, times, work=boom, **options):
    for _time in range(times):
        with pytest.raises(PluginFailed):
            containment.call("acme", work, **options)


def is_open(containment, plugin="acme"):
    return containment.breaker_of(plugin).is_open


@pytest.mark.parametrize("seconds", [0, 5])
def test_what_a_plugin_returns_comes_back(containment, seconds):
    assert containment.call("acme", lambda a, b: a + b, 1, 2, seconds=seconds) == 3
    assert containment.taken()["acme"].calls == 1
    assert containment.taken() == {}


@pytest.mark.parametrize("seconds", [0, 5])
@pytest.mark.parametrize("error", [ValueError("boom"), SystemExit(0), RecursionError("boom"), MemoryError("boom")])
def test_whatever_it_raises_is_one_failure(containment, error, seconds):
    with pytest.raises(PluginFailed, match="^acme failed: "):
        containment.call("acme", raiser(error), seconds=seconds)

    tally = containment.taken()["acme"]
    assert (tally.calls, tally.failures, tally.is_resting) == (1, 1, False)
    assert tally.last_error == f"{type(error).__name__}: {error}"


def test_an_interrupt_of_its_own_stays_in_its_thread(containment):
    with pytest.raises(PluginFailed, match="KeyboardInterrupt"):
        containment.call("acme", raiser(KeyboardInterrupt()), seconds=5)


@pytest.mark.parametrize(("error", "words"), [(Odd(), "Odd: "), (ValueError("a\0b\ud800"), "ValueError: ab?")])
def test_words_that_nobody_can_keep_are_mended(containment, error, words):
    fail(containment, 1, raiser(error))

    assert containment.taken()["acme"].last_error == words


@pytest.mark.parametrize("seconds", [0, 5])
@pytest.mark.parametrize("error", [Skip("no"), Failed("no")])
def test_what_the_contract_lets_it_raise_is_no_failure(containment, error, seconds):
    with pytest.raises(type(error), match="no"):
        containment.call("acme", raiser(error), seconds=seconds, passes=(Skip, Failed))

    tally = containment.taken()["acme"]
    assert (tally.calls, tally.failures) == (1, 0)


def test_five_failures_in_a_row_open_the_breaker(containment):
    fail(containment, IN_A_ROW - 1)
    assert not is_open(containment)

    fail(containment, 1)

    assert is_open(containment)
    assert containment.taken()["acme"].is_resting


def test_a_success_in_between_begins_anew(containment):
    fail(containment, IN_A_ROW - 1)
    containment.call("acme", lambda: None)
    fail(containment, IN_A_ROW - 1)

    assert not is_open(containment)


def test_while_it_rests_nothing_of_it_is_called(containment):
    called = []
    fail(containment, IN_A_ROW)
    containment.taken()

    with pytest.raises(PluginFailed, match="rests after failures: ValueError: boom"):
        containment.call("acme", lambda: called.append(1))

    assert (called, containment.taken()) == ([], {})


def test_others_are_called_while_one_rests(containment):
    fail(containment, IN_A_ROW)

    assert containment.call("other", lambda: "fine") == "fine"


def test_after_its_rest_one_call_may_try(containment, clock):
    fail(containment, IN_A_ROW)

    clock(REST_SECONDS - 5)
    assert is_open(containment)
    clock(6)
    fail(containment, 1)
    assert is_open(containment)

    clock(REST_SECONDS + 1)
    assert containment.call("acme", lambda: "fine") == "fine"
    fail(containment, IN_A_ROW - 1)
    assert not is_open(containment)


def test_a_call_that_never_returns_opens_it_at_once(containment, hang, clock):
    with pytest.raises(PluginFailed, match=r"did not come back within 0\.1 s"):
        containment.call("acme", hang, seconds=0.1)

    clock(REST_SECONDS * 100)
    assert is_open(containment)
    assert containment.taken()["acme"].is_resting


def test_a_lost_thread_keeps_no_process_from_ending(containment, hang):
    fail(containment, 1, hang, seconds=0.1)

    lost = [thread for thread in threading.enumerate() if thread.name == "plugin"]
    assert lost
    assert all(thread.daemon for thread in lost)


def test_lost_threads_take_no_place_from_others(containment, hang):
    for number in range(health.AT_ONCE + 1):
        with pytest.raises(PluginFailed):
            containment.call(f"acme{number}", hang, seconds=0.01)

    assert containment.call("other", lambda: "fine", seconds=1) == "fine"


def test_who_finds_no_place_has_lost_no_thread(containment):
    for _place in range(health.AT_ONCE):
        containment.places.acquire()

    fail(containment, 1, lambda: None, seconds=0.05)

    assert not is_open(containment)


def test_close_before_closes_what_opened_before(containment, hang):
    fail(containment, 1, hang, seconds=0.05)
    before = time.time() - 60

    containment.close_before("acme", before)
    assert is_open(containment)
    containment.close_before("acme", time.time() + 1)

    assert not is_open(containment)
    assert containment.call("acme", lambda: "fine") == "fine"


def test_a_thread_sees_the_context_of_its_caller(containment):
    token = LANGUAGE.set("fr")
    try:
        assert containment.call("acme", LANGUAGE.get, seconds=5) == "fr"
        containment.call("acme", LANGUAGE.set, "de", seconds=5)
        assert LANGUAGE.get() == "fr"
    finally:
        LANGUAGE.reset(token)


def test_what_was_counted_can_be_given_back(containment):
    containment.call("acme", lambda: None)
    fail(containment, 1)
    told = containment.taken()["acme"]
    containment.call("acme", lambda: None)

    containment.give_back("acme", told)

    tally = containment.taken()["acme"]
    assert (tally.calls, tally.failures, tally.last_error) == (3, 1, "ValueError: boom")


def test_calls_of_many_threads_are_all_counted(containment):
    def calls():
        for _call in range(50):
            containment.call("acme", lambda: None)

    threads = [threading.Thread(target=calls) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert containment.taken()["acme"].calls == 400


@pytest.mark.one_database
def test_a_call_with_a_deadline_has_a_session_of_its_own(make_app):
    app = make_app([("mine", object())])
    with app.app_context():
        own, call = db.session(), app.extensions["leadhub_host"].call
        sessions = [call("mine", lambda: db.session(), seconds=5) for _each in range(2)]

        assert own not in sessions
        assert not {*sessions} & {*db.session.registry.registry.values()}  # they are given back

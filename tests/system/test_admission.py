import threading
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.system.admission import PixelGate


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.lists(st.integers(0, 150), min_size=1, max_size=12), st.integers(1, 4))
def test_never_more_inside_than_the_limit_but_for_one_alone(sizes, threads):
    gate, inside, seen, guard = PixelGate(100), [], [], threading.Lock()
    waiting = list(sizes)

    def work():
        while True:
            with guard:
                if not waiting:
                    return
                size = waiting.pop()
            with gate.admit(size):
                with guard:
                    inside.append(size)
                    seen.append(list(inside))
                time.sleep(0.0005)
                with guard:
                    inside.remove(size)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    assert len(seen) == len(sizes)
    assert all(sum(group) <= 100 or len([size for size in group if size]) == 1 for group in seen)


def test_a_giant_is_not_kept_waiting_by_small_ones():
    gate, order = PixelGate(100), []
    first, started = threading.Event(), threading.Event()

    def enter(size, hold=None):
        with gate.admit(size):
            order.append(size)
            if hold is not None:
                started.set()
                hold.wait(5)

    threads = [threading.Thread(target=enter, args=(50, first))]
    threads[0].start()
    started.wait(5)
    for size in (1000, 40):
        threads.append(threading.Thread(target=enter, args=(size,)))
        threads[-1].start()
        time.sleep(0.05)
    first.set()
    for thread in threads:
        thread.join(5)
    assert order == [50, 1000, 40]


def test_room_is_given_back_after_a_failure():
    gate = PixelGate(10)
    for _ in range(3):
        try:
            with gate.admit(10):
                raise ValueError
        except ValueError:
            pass
    with gate.admit(10):
        pass

from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.training.data.batch_plan import BatchPlan
from photochrom.training.schema import BatchSize

SIZES = (BatchSize(image_size=32, batch_size=5, weight=2.0), BatchSize(image_size=64, batch_size=3, weight=1.0))


def test_photos_come_once_an_epoch_in_full_batches_of_both_sizes() -> None:
    plan = BatchPlan(100, SIZES, seed=1)
    for epoch in (0, 1):
        batches = plan.epoch(epoch)
        seen = [draw.index for batch in batches for draw in batch]
        assert len(seen) == len(set(seen)) > 95
        assert all(len(batch) == {32: 5, 64: 3}[batch[0].image_size] for batch in batches)
        assert {draw.image_size for batch in batches for draw in batch} == {32, 64}
        assert all(len({draw.image_size for draw in batch}) == 1 for batch in batches)
    assert plan.epoch(0) != plan.epoch(1)
    assert plan.epoch(0) != BatchPlan(100, SIZES, seed=2).epoch(0)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(photos=st.integers(1, 60), turns=st.integers(0, 50), before=st.integers(1, 4), after=st.integers(1, 4))
def test_another_number_of_processes_goes_on_where_some_left(photos: int, turns: int, before: int, after: int) -> None:
    def take(start: int, world: int, turns: int) -> list[object]:
        each = [
            islice(BatchPlan(photos, SIZES, seed=3, start=start, rank=rank, world=world), turns)
            for rank in range(world)
        ]
        # the batches of a step, in the order of the processes
        return [batch for step in zip(*each, strict=True) for batch in step]

    begun = take(0, before, turns)
    assert begun + take(len(begun), after, 8) == take(0, 1, turns * before + 8 * after)


def test_fewer_photos_than_a_batch_holds_are_one_batch() -> None:
    (batch,) = BatchPlan(2, SIZES, seed=1).epoch(5)
    assert sorted(draw.index for draw in batch) == [0, 1]


def test_processes_share_an_epoch_without_overlap() -> None:
    turns = len(BatchPlan(60, SIZES, seed=4, world=2).epoch(0)) // 2
    seen = [
        draw.index
        for rank in (0, 1)
        for batch in islice(BatchPlan(60, SIZES, seed=4, rank=rank, world=2), turns)
        for draw in batch
    ]
    assert len(seen) == len(set(seen)) >= 55

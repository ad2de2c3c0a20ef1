import numpy as np
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.datasets.build.deduplicate import DISTANCE, difference_hash, drop_near, find_groups, near_pairs

#: hashes that are often near each other: a few, with up to five bits changed
near_hash = st.builds(
    lambda base, bits: base ^ sum({1 << bit for bit in bits}),
    st.sampled_from([0, 2**64 - 1, 0x0123456789ABCDEF, 0x0123456789ABCDEE]),
    st.lists(st.integers(0, 63), max_size=5),
)


def distance(a: int, b: int) -> int:
    return (int(a) ^ int(b)).bit_count()


@settings(deadline=None, derandomize=True, max_examples=150)
@given(ours=st.lists(near_hash, max_size=25), theirs=st.lists(near_hash, max_size=25))
def test_pairs_between_lists_are_those_of_comparing_each_with_each(ours: list[int], theirs: list[int]) -> None:
    expected = [[i, j] for i, a in enumerate(ours) for j, b in enumerate(theirs) if distance(a, b) <= DISTANCE]
    assert near_pairs(np.array(ours, np.uint64), np.array(theirs, np.uint64)).tolist() == expected


@settings(deadline=None, derandomize=True, max_examples=150)
@given(hashes=st.lists(near_hash, max_size=25))
def test_groups_are_those_of_comparing_each_with_each(hashes: list[int]) -> None:
    groups: list[set[int]] = []
    for i, a in enumerate(hashes):
        linked = [group for group in groups if any(distance(a, hashes[j]) <= DISTANCE for j in group)]
        groups = [group for group in groups if group not in linked] + [{i}.union(*linked)]
    found = find_groups(near_pairs(np.array(hashes, np.uint64)))
    assert sorted(found) == sorted(sorted(group) for group in groups if len(group) > 1)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(data=st.data(), hashes=st.lists(near_hash, min_size=1, max_size=25))
def test_what_stays_has_no_near_and_what_goes_has_one_that_is_kept_rather(data, hashes: list[int]) -> None:
    order = data.draw(st.permutations(range(len(hashes))))
    dropped = drop_near(np.array(hashes, np.uint64), order)
    kept = [place for place in order if place not in dropped]
    assert all(distance(hashes[a], hashes[b]) > DISTANCE for a in kept for b in kept if a != b)
    for place in dropped:
        assert any(distance(hashes[place], hashes[k]) <= DISTANCE and order.index(k) < order.index(place) for k in kept)


def test_a_hundred_thousand_photos_of_which_many_are_equal() -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, 100_000, dtype=np.uint64)
    hashes[:3000] = 0
    hashes[5000:6000] = hashes[7000:8000] ^ np.uint64(0b1011)
    pairs = near_pairs(hashes)
    # comparing each with each would be five thousand million pairs
    assert len(pairs) == 2999 + 1000
    assert len(find_groups(pairs)) == 1001
    assert len(drop_near(hashes, range(len(hashes)))) == 2999 + 1000


def test_the_same_photo_smaller_and_coarser_is_near_and_another_is_not() -> None:
    photos = [Image.fromarray(picture) for picture in (skimage.data.astronaut(), skimage.data.chelsea())]
    coarse = photos[0].resize((100, 100)).quantize(64).convert("RGB")
    assert distance(difference_hash(photos[0]), difference_hash(coarse)) <= DISTANCE
    assert distance(difference_hash(photos[0]), difference_hash(photos[1])) > 12


def test_the_hash_says_where_it_gets_darker() -> None:
    ramp = np.tile(np.linspace(0, 255, 90).astype(np.uint8), (80, 1))
    assert difference_hash(Image.fromarray(ramp)) == 2**64 - 1
    assert difference_hash(Image.fromarray(ramp[:, ::-1])) == 0
    ramp[:10] = ramp[:10, ::-1]
    assert difference_hash(Image.fromarray(ramp)) == 2**56 - 1

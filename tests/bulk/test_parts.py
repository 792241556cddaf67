import gzip
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm_sentiment.bulk.manifest import Manifest, hash_pipeline, pin_input
from spacy_lstm_sentiment.bulk.parts import Part, read_parts, write_part
from spacy_lstm_sentiment.bulk.places import Place
from spacy_lstm_sentiment.bulk.shards import ScoredShard, Shard, cut_shards, without_done
from spacy_lstm_sentiment.bulk.sinks.formats import JsonFormat
from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.bulk.workspace import open_workspace, work_path
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.record import Record
from spacy_lstm_sentiment.records.splits import as_one

MANIFEST = Manifest("1", "model", {"text-field": "text"}, {"a.csv": {"size": 1}})
JSONL = JsonFormat(())


def records(n: int) -> list[Record]:
    return [Record("a.txt", line, str(line), {"text": str(line)}) for line in range(n)]


def shard(first: int, end: int, rejects: bytes = b"", is_last: bool = False) -> ScoredShard:
    rows = b"".join(b"%d\n" % n for n in range(first, end))
    place = Place(first, end, is_last)
    n_lines = 12 if is_last else None
    return ScoredShard(place, rows, rejects, Summary(score_sum=end - first), n_lines=n_lines)


def rows_of(parts: list[Part]) -> list[tuple[int, int]]:
    return [(part.place.first, part.place.end) for part in parts]


@given(
    n_rows=st.integers(0, 60),
    size=st.integers(1, 20),
    cuts=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 10))),
)
def test_what_is_left_to_do_and_what_is_done_are_all_rows_once(n_rows, size, cuts):
    done: dict[int, int] = {}
    for whole in cut_shards(records(n_rows), size):
        for first, length in cuts:
            end = min(first + length, whole.end)
            free = all(end <= a or first >= b for a, b in done.items())
            if whole.first <= first < end and free:
                done[first] = end
    left = [piece for s in cut_shards(records(n_rows), size) for piece in without_done(s, done)]
    covered = [number for first, end in done.items() for number in range(first, end)]
    covered += [int(row.raw) for piece in left for row in piece.items]
    assert sorted(covered) == list(range(n_rows))
    assert all(piece.end - piece.first == len(piece.items) for piece in left)


def test_long_rows_make_small_shards(monkeypatch):
    monkeypatch.setattr("spacy_lstm_sentiment.bulk.shards.MAX_CHARACTERS", 10)
    rows = [Record("a", 1, raw, {}) for raw in ("x" * 4, "x" * 30, "x", "x")]
    assert [len(each.items) for each in cut_shards(rows, 3)] == [2, 2]


def test_halves_of_a_shard():
    assert [(half.first, half.end) for half in Shard(7, records(5)).halves()] == [(7, 9), (9, 12)]


def test_parts_that_are_not_whole_are_none(tmp_path):
    for each in (shard(0, 2, b"bad\n"), shard(2, 4), shard(4, 6), shard(6, 8)):
        write_part(tmp_path, each)
    paths = sorted(tmp_path.iterdir())
    paths[1].write_bytes(paths[1].read_bytes()[:-1])
    paths[2].write_bytes(b"")
    assert rows_of(read_parts(tmp_path)) == [(0, 2), (6, 8)]
    assert read_parts(tmp_path)[0].summary.score_sum == 2


def test_of_parts_that_share_rows_one_counts(tmp_path):
    for first, end in ((0, 4), (0, 2), (2, 4), (4, 6)):
        write_part(tmp_path, shard(first, end))
    assert rows_of(read_parts(tmp_path)) == [(0, 2), (2, 4), (4, 6)]


@pytest.mark.parametrize(
    ("name", "read"), [("out.jsonl", bytes), ("out.jsonl.gz", gzip.decompress)]
)
def test_parts_are_joined_in_order_however_they_were_cut(tmp_path, name, read):
    written = []
    for cuts in ([0, 4, 12], [0, 2, 5, 12]):
        folder = tmp_path / str(len(cuts))
        output, rejects = folder / name, folder / "rejects"
        with open_workspace(str(output), str(rejects), MANIFEST, resume=True) as space:
            for first, end in reversed(list(pairwise(cuts))):
                write_part(space.parts, shard(first, end, b"bad\n", is_last=end == 12))
            assert not output.exists()
            assert space.join(JSONL, as_one([])).score_sum == 12
        assert {path.name for path in folder.iterdir()} == {name, "rejects"}
        written.append(output.read_bytes())
        assert rejects.read_bytes() == b"bad\n" * (len(cuts) - 1)
    assert written[0] == written[1]
    assert read(written[0]) == b"".join(b"%d\n" % n for n in range(12))


def test_parts_that_are_missing_are_noticed(tmp_path):
    output = str(tmp_path / "out.jsonl")

    def join() -> None:
        with open_workspace(output, f"{output}.rejects", MANIFEST, resume=True) as space:
            write_part(space.parts, shard(2, 4, is_last=True))
            space.join(JSONL, as_one([]))

    with pytest.raises(InputError, match="parts are missing"):
        join()
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": "other"}, "another model"),
        ({"version": "0"}, "version 1 of spacy-lstm-sentiment, not 0"),
        ({"options": {"text-field": "body"}}, 'text-field "text", not "body"'),
        ({"options": {"text-field": "text", "limit": 3}}, "limit null, not 3"),
        ({"inputs": {"a.csv": {"size": 2}}}, "a.csv as it was before it changed"),
        ({"inputs": {"b.csv": {"size": 1}}}, "other inputs"),
    ],
)
def test_the_parts_of_another_run_are_refused(tmp_path, changes, reason):
    output, rejects = str(tmp_path / "out.jsonl"), str(tmp_path / "rejects")
    other = Manifest(**{**vars(MANIFEST), **changes})

    def begin() -> None:
        with open_workspace(output, rejects, MANIFEST, resume=True) as space:
            write_part(space.parts, shard(0, 2))
            raise KeyError

    with pytest.raises(KeyError):
        begin()
    with pytest.raises(InputError) as raised, open_workspace(output, rejects, other, resume=True):
        pass
    assert f"has parts of a run with {reason}: start over with --no-resume" in str(raised.value)
    with open_workspace(output, rejects, MANIFEST, resume=True) as space:
        assert rows_of(space.read_parts()) == [(0, 2)]
    with open_workspace(output, rejects, other, resume=False) as space:
        assert not space.read_parts()
    assert not work_path(output).exists()


def test_an_input_that_cannot_be_read_twice_is_said(tmp_path):
    once = Manifest("1", "model", {}, {"-": pin_input("-")})
    assert once.difference(once) == "the input -, which cannot be read twice"


def test_a_change_of_an_input_shows(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 300_000)
    pins = [pin_input(str(path))]
    for data in (b"y" + b"x" * 299_999, b"x" * 299_999 + b"y", b"x" * 300_001):
        path.write_bytes(data)
        pins.append(pin_input(str(path)))
    assert len({pin["hash"] for pin in pins}) == 3
    assert len({pin["size"] for pin in pins}) == 2


def test_a_change_of_the_pipeline_shows(trained_nlp):
    before = hash_pipeline(trained_nlp)
    assert hash_pipeline(trained_nlp) == before
    output = trained_nlp.get_pipe("lstm_sentiment").model.get_ref("output_layer")
    weights = output.get_param("b")
    output.set_param("b", weights + 1)
    try:
        assert hash_pipeline(trained_nlp) != before
    finally:
        output.set_param("b", weights)
    assert hash_pipeline(trained_nlp) == before
    data = trained_nlp.vocab.vectors.data
    data[0, 0] += 1
    try:
        assert hash_pipeline(trained_nlp) != before
    finally:
        data[0, 0] -= 1

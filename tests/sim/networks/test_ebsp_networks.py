"""Networks with EBSP weights: legal, as accurate as recorded, and as the script makes them."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest

from macsmith.contract.errors import UserError
from macsmith.formats.ebsp_codes import decode, encode
from macsmith.networks import digits, ebsp_networks, letters
from macsmith.networks.ebsp_networks import COMMITTED, GRID, INT8, SEEDS, TASKS, VARIANTS, Setting

RECORD = json.loads(ebsp_networks.FIGURES.read_text())
SIX, FIVE = (Setting(bits=bits, pattern=3) for bits in (6, 5))


@pytest.mark.parametrize("setting", [SIX, FIVE], ids=lambda setting: setting.name)
@pytest.mark.parametrize("task", TASKS)
def test_weights_are_legal_and_survive_their_codes(task: str, setting: Setting) -> None:
    assert setting.pattern is not None
    for layer in ebsp_networks.load(task, setting).layers:
        codes = encode(layer.weights, setting.bits, setting.pattern)
        assert np.array_equal(decode(codes, setting.bits, setting.pattern), layer.weights)
        assert len(np.unique(layer.weights)) > 12
        assert layer.weight_bits == setting.bits and layer.activation_bits == 8


@pytest.mark.parametrize("setting", COMMITTED, ids=lambda setting: setting.name)
@pytest.mark.parametrize("task", TASKS)
def test_accuracy_is_the_one_recorded(task: str, setting: Setting) -> None:
    recorded = RECORD["accuracy"][task][setting.name]
    assert ebsp_networks.load(task, setting).accuracy() == recorded["runs"][0]


@pytest.mark.parametrize("task", TASKS)
def test_six_bits_with_pattern_length_3_lose_less_than_the_paper_allows(task: str) -> None:
    """0.8 points on average of five seeds and folds; INT8 leaves letters to be got right."""
    figures = RECORD["accuracy"][task]
    assert len(figures["6-3"]["runs"]) == 5 * len(SEEDS) == 25
    mean, deviation = ebsp_networks.loss(task, SIX)
    assert mean == pytest.approx(100 * (figures["int8"]["mean"] - figures["6-3"]["mean"]))
    assert mean < 0.8 and deviation > 0
    assert figures["int8"]["mean"] > (0.98 if task == "digits" else 0.9)
    assert RECORD["accuracy"]["letters"]["int8"]["mean"] < 0.97


@pytest.mark.parametrize("task", TASKS)
def test_record_holds_every_setting(task: str) -> None:
    figures = RECORD["accuracy"][task]
    assert set(figures) == {"float", *(one.name for one in (INT8, *GRID, *VARIANTS))}
    for one in figures.values():
        assert one["mean"] == pytest.approx(np.mean(one["runs"]))
        assert one["std"] == pytest.approx(np.std(one["runs"], ddof=1))


def test_archives_are_small_and_of_one_run_with_their_record() -> None:
    assert ebsp_networks.ARCHIVE.stat().st_size < 150 * 1024
    assert letters.DATA.stat().st_size < 160 * 1024
    assert (
        hashlib.sha256(ebsp_networks.ARCHIVE.read_bytes()).hexdigest() == RECORD["archive_sha256"]
    )


def test_examples_are_those_held_out() -> None:
    from macsmith.networks.training.cross_validation import deal_folds

    features, labels = letters.read_data()
    assert features.shape == (20000, 1, 16) and features.min() == 0 and features.max() == 15
    assert np.bincount(labels).min() > 700 and labels.max() == 25
    held_out = deal_folds(labels, RECORD["seeds"][0]) == 0
    network = ebsp_networks.load("letters", SIX)
    assert np.array_equal(network.images, features[held_out])
    assert np.array_equal(network.labels, labels[held_out])
    assert np.array_equal(ebsp_networks.load("digits", SIX).images, digits.load().images)


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: ebsp_networks.load("letter", SIX), "task must not be 'letter': did you mean letters"),
        (
            lambda: ebsp_networks.load("digits", Setting(bits=8, pattern=3)),
            "network must be one of int8, 6-3, 5-3, not 8-3",
        ),
        (
            lambda: Setting(bits=4, pattern=4),
            "pattern length must be from 1 to 3, the magnitude bits of a weight of 4 bits, not 4",
        ),
    ],
)  # fmt: skip
def test_sentences(call, sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        call()
    assert str(raised.value) == sentence


def test_script_trains_the_committed_network() -> None:
    """Letters, seed 1, fold 0: on another processor floats may add up in another order."""
    from threadpoolctl import threadpool_limits

    from macsmith.networks.training import train_ebsp
    from macsmith.networks.training.cross_validation import Fold

    recorded = RECORD["accuracy"]["letters"]
    with threadpool_limits(1):
        fold = Fold(
            train_ebsp.task("letters"), 0, train_ebsp.FLOAT_EPOCHS, train_ebsp.TUNE_EPOCHS, SEEDS[0]
        )
        arrays = train_ebsp.tune(fold, SIX)
    assert fold.float_accuracy() == pytest.approx(recorded["float"]["runs"][0], abs=0.01)
    accuracy = fold.accuracy(arrays, SIX.precision)
    assert accuracy == pytest.approx(recorded["6-3"]["runs"][0], abs=0.01)


def test_training_keeps_what_is_done(tmp_path, monkeypatch) -> None:
    """A second call trains only what is missing, and a network comes back as it was tuned."""
    from macsmith.networks.training import train_ebsp

    monkeypatch.setattr(train_ebsp, "FLOAT_EPOCHS", 1)
    monkeypatch.setattr(train_ebsp, "TUNE_EPOCHS", 1)
    run = ebsp_networks.TrainingRun(task="letters", seed=SEEDS[0], fold=0)
    tuned: list[Any] = []
    tune = train_ebsp.tune

    def told(fold: Any, setting: Any) -> Any:
        tuned.append(setting)
        return tune(fold, setting)

    monkeypatch.setattr(train_ebsp, "tune", told)
    for settings in ([SIX], [SIX, VARIANTS[0]], [SIX]):
        train_ebsp.train(run, settings, tmp_path)
    assert tuned == [SIX, VARIANTS[0]]
    kept = json.loads((tmp_path / "letters-1-0.json").read_text())
    assert set(kept) == {"float", SIX.name, VARIANTS[0].name}
    with np.load(tmp_path / "letters-6-3.npz") as arrays:
        assert arrays["letters/6-3/hidden1/weights"].shape == (64, 16)
        encode(arrays["letters/6-3/hidden1/weights"], 6, 3)

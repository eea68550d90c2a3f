"""Operands of energies from networks with EBSP weights."""

from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.modes import Mode
from macsmith.formats.ebsp_values import legal_weights
from macsmith.networks import ebsp_networks
from macsmith.operands.ebsp_weights import LegalWeights, NetworkWeights
from macsmith.operands.stimulus import Network, UnfitError

SIX = Mode(act_bits=8, weight_bits=6)
DATA_GATED = make_spec("data-gated", {"weight_width": 6, "modes": (SIX,)})


def test_operands_are_those_of_the_committed_network() -> None:
    parts = NetworkWeights("digits", 6, 3).parts("ebsp", make_spec("ebsp"), 0)
    layers = ebsp_networks.load("digits", ebsp_networks.Setting(bits=6, pattern=3)).layers
    assert len(parts) == len(layers) and sum(share for share, _ in parts) == pytest.approx(1)
    for (_, batch), layer in zip(parts, layers, strict=True):
        rows = {tuple(row) for row in layer.weights}
        assert {tuple(row) for row in batch.fields["w"][..., 0]} <= rows


def test_the_network_that_users_name_has_legal_weights_at_its_precisions() -> None:
    for name, spec in (("ebsp", make_spec("ebsp")), ("data-gated", DATA_GATED)):
        parts = Network().parts(name, spec, 0)
        layers = ebsp_networks.load("digits", ebsp_networks.Setting(bits=6, pattern=3)).layers
        for (_, batch), layer in zip(parts, layers, strict=True):
            assert set(np.unique(batch.fields["w"])) <= set(np.unique(layer.weights)) | {0}
    seven = Mode(act_bits=8, weight_bits=7)
    odd = make_spec("data-gated", {"weight_width": 7, "modes": (seven,)})
    with pytest.raises(UnfitError, match=r"precision of 8x8, .*, 8x6, 8x5, not 8x7"):
        Network().parts("data-gated", odd, 0)


@pytest.mark.parametrize("held", [False, True])
def test_random_legal_weights_are_the_same_for_any_mac(held: bool) -> None:
    stimulus = LegalWeights(beats=2_000, held=held, bits=6, pattern=3)
    ((_, ours),) = stimulus.parts("ebsp", make_spec("ebsp"), 0)
    ((_, theirs),) = stimulus.parts("data-gated", DATA_GATED, 0)
    assert (ours.fields["w"] == theirs.fields["w"]).all() and (
        ours.fields["a"] == theirs.fields["a"]
    ).all()
    assert set(np.unique(ours.fields["w"])) <= set(legal_weights(6, 3).tolist())
    assert len(np.unique(ours.fields["w"])) > (10 if held else 30)
    assert (ours.fields["w"] == ours.fields["w"][:, :1]).all() == held
    with pytest.raises(UnfitError, match="operands must be of 8x5, not 8x6"):
        LegalWeights(bits=5).parts("data-gated", DATA_GATED, 0)


def test_a_network_of_other_weights_is_refused() -> None:
    sentence = r"weights that ebsp was made for; at 8x6 it has -?\d+$"
    with pytest.raises(UnfitError, match=sentence):
        Network().parts("ebsp", make_spec("ebsp", {"pattern": 2}), 0)


@pytest.mark.parametrize("pattern", [2, 3, 5])
def test_other_weights_are_int8_quantised(pattern: int) -> None:
    for _, batch in NetworkWeights("letters", 6, pattern).parts("data-gated", DATA_GATED, 0):
        assert np.isin(batch.fields["w"], legal_weights(6, pattern)).all()
        assert abs(batch.fields["w"]).max() > 8


@pytest.mark.parametrize("rows", [1, 16])
def test_held_weights_stay_while_activations_change(rows: int) -> None:
    stimulus = NetworkWeights("digits", 6, 3, held=True, beats=400, length=20)
    for _, batch in stimulus.parts("ebsp", make_spec("ebsp", {"rows": rows}), 0):
        assert batch.fields["a"].shape == (20, 20, 1) and batch.fields["w"].shape == (20, 20, rows)
        assert (batch.fields["w"] == batch.fields["w"][:, :1]).all()
        assert (batch.fields["a"] != batch.fields["a"][:, :1]).any()


def test_both_units_get_the_same_operands() -> None:
    stimulus = NetworkWeights("letters", 6, 3)
    ours = stimulus.parts("ebsp", make_spec("ebsp"), 0)
    theirs = stimulus.parts("data-gated", DATA_GATED, 0)
    for (_, one), (_, other) in zip(ours, theirs, strict=True):
        assert (one.fields["a"] == other.fields["a"]).all() and (
            one.fields["w"] == other.fields["w"]
        ).all()


@pytest.mark.parametrize(
    ("changes", "mode", "sentence"),
    [
        ({"task": "letter"}, SIX, "task must not be 'letter': did you mean letters"),
        ({"beats": 10}, SIX, "a stimulus must hold at least one accumulation, not 10 beats in "),
        ({}, Mode(act_bits=4, weight_bits=6), "operands must be of 8x6, not 4x6"),
    ],
)
def test_what_fits_not_is_refused(changes: dict[str, Any], mode: Mode, sentence: str) -> None:
    spec = make_spec("data-gated", {"weight_width": 6, "modes": (mode,)})
    with pytest.raises(UnfitError) as error:
        NetworkWeights(**{"bits": 6, "pattern": 3} | changes).parts("data-gated", spec, 0)
    assert str(error.value).startswith(sentence)


def test_held_weights_need_one_activation_a_beat() -> None:
    with pytest.raises(UnfitError, match="one activation a beat, not 4"):
        NetworkWeights("letters", 6, 3, held=True).parts(
            "ebsp", make_spec("ebsp", {"length": 4}), 0
        )

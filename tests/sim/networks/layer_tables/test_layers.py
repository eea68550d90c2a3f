"""Layer tables: products from shapes, published figures, files of users, operands of layers."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import compared, make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.networks.layer_tables.layers import Layer, MatrixProduct, least_modes
from macsmith.networks.layer_tables.published import TABLES
from macsmith.networks.layer_tables.read import read_workload
from macsmith.networks.layer_tables.shapes import ALEXNET, LENET5_CONV, VGG16_CONV
from macsmith.operands.layer_statistics import LayerOperands


def test_products_of_well_known_networks() -> None:
    """Totals in millions as the literature has them."""
    millions = {shape.name: shape.macs / 1e6 for shape in ALEXNET}
    assert sum(millions[f"conv{n}"] for n in range(1, 6)) == pytest.approx(666, abs=0.5)
    assert sum(millions[f"fc{n}"] for n in range(6, 9)) == pytest.approx(58.6, abs=0.05)
    assert sum(shape.macs for shape in VGG16_CONV) / 1e6 == pytest.approx(15_346, abs=1)
    assert len(VGG16_CONV) == 13
    assert sum(shape.macs for shape in LENET5_CONV) / 1e6 == pytest.approx(1.9, abs=0.05)


def test_shapes_by_hand() -> None:
    second, sixth = ALEXNET[1].product, ALEXNET[5].product
    assert (second.m, second.n, second.k) == (27 * 27, 128, 48 * 25)  # each of two groups
    assert (sixth.m, sixth.n, sixth.k) == (1, 4096, 9216)
    for workload in TABLES.values():
        for layer in workload.layers:
            assert layer.product and layer.macs % layer.product.macs == 0


def test_products_by_hand() -> None:
    assert ALEXNET[0].macs == 96 * 55 * 55 * 3 * 11 * 11
    assert ALEXNET[1].macs == 256 * 27 * 27 * (96 // 2) * 5 * 5  # in two groups
    assert ALEXNET[5].macs == 4096 * 9216


ENVISION_MMAC = {
    "alexnet": (104, 224, 150, 112, 75), "vgg": (87, 1850, *[None] * 10, 462), "lenet": (0.3, 1.6),
}  # fmt: skip
"""Millions of products a frame that Envision's tables print, and of conv5 by their total."""


@pytest.mark.parametrize("network", ENVISION_MMAC)
def test_products_are_those_of_envision(network: str) -> None:
    layers = TABLES[f"envision-{network}"].layers
    for layer, printed in zip(layers, ENVISION_MMAC[network], strict=True):
        if printed is not None:
            assert layer.macs / 1e6 == pytest.approx(printed, rel=0.05)


def test_tables_are_the_published_ones() -> None:
    assert list(TABLES) == [
        "alexnet-1%", "alexnet-2%", "alexnet-5%", "alexnet-10%",
        "envision-alexnet", "envision-vgg", "envision-lenet",
    ]  # fmt: skip
    assert [layer.act_bits for layer in TABLES["alexnet-5%"].layers] == [10, 8, 8, 8, 7, 7, 5, 3]
    assert all(layer.act_bits == layer.weight_bits for layer in TABLES["alexnet-10%"].layers)
    fourth = TABLES["envision-alexnet"].layers[3]
    assert (fourth.weight_bits, fourth.act_bits) == (9, 8)
    assert (fourth.weight_sparsity, fourth.act_sparsity) == (0.04, 0.72)
    assert fourth.published == {"mw": "58-62", "tops_per_w": "0.8-0.9"}
    middle = TABLES["envision-vgg"].layers[6]
    assert (middle.weight_sparsity, middle.act_sparsity) == (0.5, 0.56)  # middles of ranges
    assert {TABLES[name].width for name in ("alexnet-1%", "alexnet-2%")} == {10}
    assert {TABLES[name].width for name in ("envision-vgg", "envision-lenet")} == {6}


def modes(*texts: str) -> list[Mode]:
    return [Mode.parse(text) for text in texts]


def test_least_modes() -> None:
    default = modes("8x8", "8x4", "8x2", "4x4", "2x2")
    assert least_modes(default, 8, 8) == modes("8x8")
    assert least_modes(default, 5, 3) == modes("8x4")
    assert least_modes(default, 1, 3) == modes("4x4")
    assert least_modes(default, 3, 2) == modes("8x2", "4x4")
    assert least_modes(default, 2, 1) == modes("2x2")
    assert least_modes(default, 9, 2) == []


HEAD = "layer,macs,act_bits,weight_bits"


def test_a_table_of_the_user_s_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "weight_bits, layer, act_bits, macs, act_sparsity, remark, n, m, k\n"
        "4,conv1,8,1000,0.25,first,5,10,20\n2,fc,4,50,,\n",
        "utf-8-sig",
    )
    found = read_workload(str(path))
    assert (found.name, found.macs) == ("mine", 1050)
    assert found.layers == (
        Layer(
            name="conv1",
            macs=1000,
            act_bits=8,
            weight_bits=4,
            act_sparsity=0.25,
            product=MatrixProduct(10, 5, 20),
        ),
        Layer(name="fc", macs=50, act_bits=4, weight_bits=2),
    )


BAD = [
    ("", "must have the columns layer, macs, act_bits, weight_bits, but has no layer and no macs and no act_bits and no weight_bits"),
    ("layer,macs,act_bits\nc,1,1\n", "must have the columns layer, macs, act_bits, weight_bits, but has no weight_bits"),
    (HEAD + "\n", "must hold at least one layer, but has only its heading"),
    (HEAD + "\nc,1e6,8,8\n", "line 2: macs must be a whole number, not '1e6'"),
    (HEAD + "\nc,10,8,8\nd,10,8\n", "line 3: weight_bits must be a whole number, not ''"),
    (HEAD + "\nc,10,17,8\n", "line 2: layer c: act_bits must be 1 to 16, not 17"),
    (HEAD + "\nc,0,8,8\n", "line 2: layer c: macs must be at least 1, not 0"),
    (HEAD + ",act_sparsity\nc,1,8,8,30%\n", "line 2: act_sparsity must be a share from 0 to 1 or empty, not '30%'"),
    (HEAD + ",weight_sparsity\nc,1,8,8,30\n", "line 2: layer c: weight_sparsity must be from 0 to 1, not 30"),
    (HEAD + ",weight_sparsity\nc,1,8,8,nan\n", "line 2: layer c: weight_sparsity must be from 0 to 1, not nan"),
    (HEAD + ",m,n,k\nc,100,8,8,5,5,\n", "line 2: k must be a whole number, not ''"),
    (HEAD + ",m,n,k\nc,100,8,8,5,0,4\n", "line 2: n must be at least 1, not 0"),
    (HEAD + ",m,n,k\nc,100,8,8,5,5,3\n", "line 2: layer c: macs must be a multiple of m x n x k, 75, a matrix product for each group, not 100"),
    (HEAD + '\n"c,1,8,8\n', "must be a CSV file, but could not be read: unexpected end of data"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), BAD, ids=range(len(BAD)))
def test_bad_tables_are_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=f"^{re.escape(str(path))}:? {re.escape(sentence)}$"):
        read_workload(str(path))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("alexnet-1", "workload must be a built-in table, a CSV file or an ONNX model, not 'alexnet-1'; did you mean alexnet-1%"),
        ("net.pt", "workload must be a built-in table, a CSV file or an ONNX model, not 'net.pt'; "),
        ("no.csv", "workload must be a file that exists, not 'no.csv'"),
        ("no.onnx", "workload must be a file that exists, not 'no.onnx'"),
    ],
)  # fmt: skip
def test_unknown_workloads_are_one_sentence(name: str, sentence: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}"):
        read_workload(name)


def test_binary_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(UserError, match=r"bad\.csv must be a CSV file, but could not be read: "):
        read_workload(str(path))


@pytest.mark.parametrize("name", compared())
def test_operands_have_the_layer_s_bits_and_zeros(name: str) -> None:
    spec = make_spec(name)
    stimulus = LayerOperands(3, 5, act_zeros=0.6, weight_zeros=0.25, beats=5000)
    runs = [stimulus.parts(name, spec, mode) for mode in range(5)]
    assert [len(parts) for parts in runs] == [1, 0, 0, 0, 0]  # 8x8 alone holds five bits
    ((share, batch),) = runs[0]
    assert share == 1 and batch.point == 0 and batch.beats == 5000
    assert (batch.fields["a"].min(), batch.fields["a"].max()) == (0, 7)
    assert (batch.fields["w"].min(), batch.fields["w"].max()) == (-16, 15)
    assert np.mean(batch.fields["a"] == 0) == pytest.approx(0.6, abs=0.03)
    assert np.mean(batch.fields["w"] == 0) == pytest.approx(0.25, abs=0.03)
    counts = np.bincount(batch.fields["a"].reshape(-1))[1:]
    assert counts.min() > 0.8 * counts.max()  # the others are equally likely


def test_operands_without_known_zeros_are_uniform() -> None:
    ((_, batch),) = LayerOperands(2, 2).parts("data-gated", make_spec("data-gated"), 4)
    for values in (batch.fields["a"], batch.fields["w"]):
        counts = np.unique(values, return_counts=True)[1]
        assert len(counts) == 4 and counts.min() > 0.8 * counts.max()


def test_one_bit_and_extreme_shares() -> None:
    spec = make_spec("data-gated", {"act_signed": True})
    ((_, batch),) = LayerOperands(1, 1, 0.0, 1.0).parts("data-gated", spec, 4)
    assert set(batch.fields["a"].flat) == {-1} and set(batch.fields["w"].flat) == {0}


def test_layers_of_nearly_equal_zeros_share_a_run() -> None:
    layer: dict[str, Any] = {
        "name": "c",
        "macs": 1,
        "act_bits": 8,
        "weight_bits": 8,
        "act_sparsity": None,
    }
    first, second = (Layer(**layer, weight_sparsity=share) for share in (0.1234, 0.118))
    assert LayerOperands.of(first) == LayerOperands.of(second)
    assert LayerOperands.of(first).label == (
        "activations of 8 bits, weights of 8 bits with 12% zeros, 4000 beats, cleared every 50, seed 1"
    )


def test_an_empty_stimulus_is_one_sentence() -> None:
    sentence = (
        "^a stimulus must hold at least one accumulation, not 10 beats in accumulations of 50$"
    )
    with pytest.raises(UserError, match=sentence):
        LayerOperands(8, 8, beats=10)

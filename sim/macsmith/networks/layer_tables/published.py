"""Layer tables of published networks: bits per layer, zeros, and what a chip was measured to take.

`ALEXNET_BITS` is the table of P. Judd et al., Reduced-Precision Strategies for Bounded Memory in
Deep Neural Nets, arXiv 1511.05236, 2015: the bits of each AlexNet layer that keep the relative loss
of accuracy within a tolerance. It gives one width a layer, which we take for activations and
weights alike, and no zeros.

Envision's tables are measurements of a chip in 28 nm FDSOI: B. Moons, R. Uytterhoeven, W. Dehaene
and M. Verhelst, ISSCC 2017. Products are those of the networks' shapes. Where a row of the source
stands for several layers, each of them has its bits, and of a range of zeros the middle.
"""

from collections.abc import Sequence

from macsmith.networks.layer_tables.layers import Layer, Workload
from macsmith.networks.layer_tables.shapes import ALEXNET, LENET5_CONV, VGG16_CONV, Shape

ALEXNET_BITS = {
    "1%": (10, 8, 8, 8, 8, 8, 6, 4),
    "2%": (10, 8, 8, 8, 8, 8, 5, 4),
    "5%": (10, 8, 8, 8, 7, 7, 5, 3),
    "10%": (9, 8, 8, 8, 7, 7, 5, 3),
}
"""By the loss of accuracy that is tolerated."""


def _alexnet(tolerance: str) -> Workload:
    layers = [
        Layer(
            name=shape.name,
            macs=shape.macs,
            act_bits=bits,
            weight_bits=bits,
            product=shape.product,
        )
        for shape, bits in zip(ALEXNET, ALEXNET_BITS[tolerance], strict=True)
    ]
    source = "Judd et al., arXiv 1511.05236, 2015; its bits are taken for both operands"
    return Workload(name=f"alexnet-{tolerance}", source=source, layers=tuple(layers))


Row = tuple[int, int, float, float, str, str]
"""Bits of a weight and of an input, zeros of each in per cent, mW, TOPS/W."""


def _envision(network: str, shapes: Sequence[Shape], rows: Sequence[Row]) -> Workload:
    layers = [
        Layer(
            name=shape.name,
            macs=shape.macs,
            act_bits=act_bits,
            weight_bits=weight_bits,
            act_sparsity=act_zeros / 100,
            weight_sparsity=weight_zeros / 100,
            product=shape.product,
            published={"mw": mw, "tops_per_w": tops_per_w},
        )
        for shape, (weight_bits, act_bits, weight_zeros, act_zeros, mw, tops_per_w) in zip(
            shapes, rows, strict=True
        )
    ]
    source = "measured on Envision, ISSCC 2017 (a whole chip in 28 nm FDSOI)"
    return Workload(name=f"envision-{network}", source=source, layers=tuple(layers))


_ENVISION_ALEXNET: tuple[Row, ...] = (
    (7, 4, 21, 29, "37", "2.7"),
    (7, 7, 19, 89, "20", "3.8"),
    (8, 9, 11, 82, "52", "1"),
    *[(9, 8, 4, 72, "58-62", "0.8-0.9")] * 2,
)
_ENVISION_VGG: tuple[Row, ...] = (
    (5, 4, 5, 10, "25", "2.1"),
    *[(5, 6, (25 + 75) / 2, (30 + 82) / 2, "19-35", "1.5-2.8")] * 12,
)
_ENVISION_LENET: tuple[Row, ...] = ((3, 1, 35, 87, "5.6", "13.6"), (4, 6, 26, 55, "29", "2.6"))

TABLES = {
    workload.name: workload
    for workload in (
        *map(_alexnet, ALEXNET_BITS),
        _envision("alexnet", ALEXNET[:5], _ENVISION_ALEXNET),
        _envision("vgg", VGG16_CONV, _ENVISION_VGG),
        _envision("lenet", LENET5_CONV, _ENVISION_LENET),
    )
}
"""The tables that users name."""

"""Shapes of well-known networks, and the multiply-accumulates that follow from them."""

from dataclasses import dataclass

from macsmith.networks.layer_tables.layers import MatrixProduct


@dataclass(frozen=True)
class Shape:
    """A convolution or a dense layer, which is a convolution with one output pixel.

    Members
    -------
    outputs:
        Output channels, K.
    size:
        Output pixels along each axis, X = Y.
    inputs:
        Input channels that one output channel sees, C: those of its group.
    kernel:
        Kernel pixels along each axis, FX = FY.
    groups:
        Parts that the output channels are in, each of which sees inputs of its own.
    """

    name: str
    outputs: int
    size: int
    inputs: int
    kernel: int = 1
    groups: int = 1

    @property
    def macs(self) -> int:
        """``K * X * Y * C * FX * FY``, for one frame."""
        return self.groups * self.product.macs

    @property
    def product(self) -> MatrixProduct:
        """What a group multiplies: pixels x output channels, and the inputs under a kernel."""
        return MatrixProduct(
            self.size**2, self.outputs // self.groups, self.inputs * self.kernel**2
        )


ALEXNET = (
    Shape("conv1", 96, 55, 3, 11),
    Shape("conv2", 256, 27, 48, 5, groups=2),
    Shape("conv3", 384, 13, 256, 3),
    Shape("conv4", 384, 13, 192, 3, groups=2),
    Shape("conv5", 256, 13, 192, 3, groups=2),
    Shape("fc6", 4096, 1, 256, 6),
    Shape("fc7", 4096, 1, 4096),
    Shape("fc8", 1000, 1, 4096),
)
"""Krizhevsky, Sutskever and Hinton, NIPS 2012: conv2, conv4 and conv5 in two groups."""

_VGG_BLOCKS = ((64, 224, 2), (128, 112, 2), (256, 56, 3), (512, 28, 3), (512, 14, 3))
"""Output channels, output size and layers of each block between two pooling layers."""


def _vgg16() -> tuple[Shape, ...]:
    layers: list[Shape] = []
    inputs = 3
    for outputs, size, count in _VGG_BLOCKS:
        for _ in range(count):
            layers.append(Shape(f"conv{len(layers) + 1}", outputs, size, inputs, 3))
            inputs = outputs
    return tuple(layers)


VGG16_CONV = _vgg16()
"""The convolutions of configuration D of Simonyan and Zisserman, ICLR 2015."""

LENET5_CONV = (Shape("conv1", 20, 24, 1, 5), Shape("conv2", 50, 8, 20, 5))
"""The convolutions of the LeNet-5 that comes with Caffe, on 28 x 28 pixels."""

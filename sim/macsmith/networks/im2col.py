"""Convolution as a matrix product: gather the input window of every output pixel into a row.

Images are (images, height, width, channels). An output pixel of a convolution is the dot product
of its window with a kernel, so the layer is ``im2col(x) @ weights.T`` with weights (cols, K),
``K = kernel height * kernel width * channels`` in that order, channels fastest.
"""

from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


def output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """Number of windows along one axis of ``size`` pixels padded by ``padding`` on both ends.

    >>> output_size(8, kernel=3, stride=2, padding=1)
    4
    """
    if size + 2 * padding < kernel:
        raise ValueError(f"kernel must be at most {size + 2 * padding} pixels, not {kernel}")
    return (size + 2 * padding - kernel) // stride + 1


def im2col(
    images: NDArray[Scalar], kernel: tuple[int, int], stride: int = 1, padding: int = 0
) -> NDArray[Scalar]:
    """Gather the windows of (n, h, w, c) images into rows, (n * out_h * out_w, kh * kw * c).

    Rows go image by image, then line by line. Padding is zeros; windows that would reach beyond
    it are dropped. A kernel as large as the image gives one row an image: a dense layer.
    """
    count, height, width, channels = images.shape
    rows = output_size(height, kernel[0], stride, padding)
    cols = output_size(width, kernel[1], stride, padding)
    edge = (padding, padding)
    padded = np.pad(images, ((0, 0), edge, edge, (0, 0))) if padding else images
    windows = sliding_window_view(padded, kernel, axis=(1, 2))[:, ::stride, ::stride]
    # sliding_window_view puts the kernel axes last: (n, out_h, out_w, c, kh, kw)
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(
        count * rows * cols, kernel[0] * kernel[1] * channels
    )


def col2im(
    matrix: NDArray[Scalar],
    shape: tuple[int, int, int, int],
    kernel: tuple[int, int],
    stride: int = 1,
    padding: int = 0,
) -> NDArray[Scalar]:
    """Add the rows of an ``im2col`` matrix back into images of ``shape`` (n, h, w, c).

    The adjoint of ``im2col``: it carries gradients of windows back to the pixels they came from.
    """
    count, height, width, channels = shape
    rows = output_size(height, kernel[0], stride, padding)
    cols = output_size(width, kernel[1], stride, padding)
    windows = matrix.reshape(count, rows, cols, *kernel, channels)
    padded = np.zeros(
        (count, height + 2 * padding, width + 2 * padding, channels), dtype=matrix.dtype
    )
    for y in range(kernel[0]):
        for x in range(kernel[1]):
            target = padded[:, y : y + stride * rows : stride, x : x + stride * cols : stride]
            target += windows[:, :, :, y, x]
    return padded[:, padding : padding + height, padding : padding + width]

"""Requantised results against ONNX Runtime's, which scales sums in floating point.

Each quantiser runs by itself with its layer, on the codes that the layer has had here, so that a
difference is of one requantisation and not of all before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from macsmith.networks.onnx_graph.tensor import Tensor


@dataclass
class Steps:
    """How many results were compared, how many are a step away, and the greatest distance."""

    results: int = 0
    apart: int = 0
    greatest: int = 0

    def __add__(self, other: "Steps") -> "Steps":
        return Steps(
            self.results + other.results, self.apart + other.apart,
            max(self.greatest, other.greatest),
        )  # fmt: skip

    def sentence(self) -> str | None:
        """Return what a person wants to know, if anything was compared."""
        if not self.results:
            return None
        share = self.apart / self.results
        return (
            f"{self.results} requantised results against onnxruntime's: {share:.3%} differ, "
            f"by {self.greatest} at most"
        )

    def to_json(self) -> dict[str, int]:
        """Return the counts."""
        return {"results": self.results, "apart": self.apart, "greatest": self.greatest}


def compared(model: Any, quantisers: Sequence[Any], tensors: Mapping[str, Tensor]) -> Steps:
    """Return how far results are from ONNX Runtime's; nothing is compared where it is missing."""
    found = Steps()
    if find_spec("onnxruntime") is None:
        return found
    for node in quantisers:
        ours = tensors[node.output[0]].values
        theirs = _by_runtime(model, node, tensors)
        if theirs is None or theirs.shape != ours.shape:
            continue
        distance = np.abs(ours.astype(np.int64) - theirs.astype(np.int64))
        found += Steps(distance.size, int((distance > 0).sum()), int(distance.max(initial=0)))
    return found


def session_of(model: Any) -> Any:
    """Return a model in ONNX Runtime, its quantisers and layers as they are written.

    Joined to integer kernels, as they are by more than its basic optimisations, their products
    saturate in 16 bits on processors without VNNI (https://github.com/microsoft/onnxruntime/pull/12088).
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _by_runtime(model: Any, node: Any, tensors: Mapping[str, Tensor]) -> Any:
    """Return a quantiser's codes as ONNX Runtime gives them of the codes before its layer."""
    from onnx import TensorProto, helper, numpy_helper

    made_by = {name: one for one in model.graph.node for name in one.output}
    constants = {one.name: one for one in model.graph.initializer}
    nodes: list[Any] = []
    feeds, kept = dict[str, Any](), dict[str, Any]()

    def gather(one: Any) -> None:
        for name in filter(None, one.input):
            before = made_by.get(name)
            if name in constants:
                kept[name] = constants[name]
            elif before is None or tensors[name].values.dtype.kind in "iu":
                feeds[name] = tensors[name].values
            elif before not in nodes:
                gather(before)
        nodes.append(one)

    gather(node)
    inputs = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(values.dtype), values.shape
        )
        for name, values in feeds.items()
    ]
    kind = numpy_helper.from_array(tensors[node.output[0]].values).data_type
    result = helper.make_tensor_value_info(node.output[0], kind or TensorProto.UNDEFINED, None)
    graph = helper.make_graph(nodes, "layer", inputs, [result], list(kept.values()))
    whole = helper.make_model(graph, opset_imports=model.opset_import)
    whole.ir_version = model.ir_version
    try:
        return session_of(whole).run(None, feeds)[0]
    except Exception:  # it has no QONNX, and not every operator for every type
        return None

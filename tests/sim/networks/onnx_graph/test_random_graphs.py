"""Random graphs are read and run, or refused in a sentence."""

import warnings
from pathlib import Path

import onnx
import pytest

from macsmith.cli.network_runs.model_inputs import inputs_of
from macsmith.contract.errors import UserError
from macsmith.networks.layer_tables.onnx_model import load_model, read_onnx
from macsmith.networks.onnx_graph.graph_runner import GraphRunner
from tests.support.onnx_graphs import random_model


def tried(seed: int, path: Path) -> set[str]:
    """Read and run a random graph; return what of it was possible."""
    onnx.save(random_model(seed), path)
    done = set()
    for what in ("read", "run"):
        try:
            if what == "read":
                read_onnx(path)
            else:
                model = load_model(path)
                runner = GraphRunner(model, path, lambda name, acts, weights, *bits: acts @ weights)
                runner.run(inputs_of(model, path, None, 1)[0][0])
            done.add(what)
        except UserError as error:
            assert str(error) and "\n" not in str(error), f"seed {seed}"
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error
    return done


@pytest.mark.parametrize(
    "seeds", [range(120), pytest.param(range(120, 1120), marks=pytest.mark.slow)]
)
def test_a_graph_runs_or_is_refused(seeds: range, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numpy, where scales are zero
        done = [tried(seed, tmp_path / "model.onnx") for seed in seeds]
    for what in ("read", "run"):
        assert sum(what in one for one in done) > len(seeds) // 20

"""A user's own operands: what is read, how it is laid out, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macsmith.catalog.catalog import make_spec
from macsmith.contract.errors import UserError
from macsmith.contract.modes import Mode
from macsmith.golden.catalog import golden
from macsmith.operands.stimulus import UnfitError
from macsmith.operands.user_file import OwnOperands, read_operands

ACTS = np.array([0, 3, 255, 7, 8, 1, 2, 250])
WEIGHTS = np.array([-128, 3, 127, -7, 8, -1, 2, 0])


def csv(path: Path, acts: Any = ACTS, weights: Any = WEIGHTS) -> Path:
    path.write_text(
        "act,weight\n" + "".join(f"{a},{w}\n" for a, w in zip(acts, weights, strict=True))
    )
    return path


def files(folder: Path) -> list[Path]:
    """Return the same pairs in all formats."""
    np.save(folder / "pairs.npy", np.stack([ACTS, WEIGHTS], axis=1).astype(np.int16))
    np.savez(folder / "pairs.npz", acts=ACTS, weights=WEIGHTS.astype(float))
    return [csv(folder / "pairs.csv"), folder / "pairs.npy", folder / "pairs.npz"]


def test_formats_agree(tmp_path: Path) -> None:
    spec = make_spec("data-gated")
    for path in files(tmp_path):
        ((share, batch),) = read_operands(path, 4).parts("data-gated", spec, 0)
        assert share == 1.0 and batch.point == 0
        assert batch.fields["a"].tolist() == ACTS.reshape(2, 4, 1).tolist()
        assert batch.fields["w"].tolist() == WEIGHTS.reshape(2, 4, 1).tolist()


def test_lanes_take_operands_in_order(tmp_path: Path) -> None:
    """At 4x4 `subword-st` multiplies two pairs a beat; `dnc-2d-sa` four products of two and two."""
    acts, weights = np.arange(12), np.arange(-6, 6)
    own = read_operands(csv(tmp_path / "a.csv", acts, weights), 2)
    for name in ("subword-st", "dnc-2d-sa"):
        spec = make_spec(name)
        ((_, batch),) = own.parts(name, spec, [str(mode) for mode in spec.modes].index("4x4"))
        assert batch.fields["a"].tolist() == acts.reshape(3, 2, 2).tolist()
        assert batch.fields["w"].tolist() == weights.reshape(3, 2, 2).tolist()


def test_a_layer_is_all_its_dot_products(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    acts, weights = rng.integers(0, 16, (3, 10)), rng.integers(-8, 8, (4, 10))
    np.savez(tmp_path / "layer.npz", acts=acts, weights=weights)
    own = read_operands(tmp_path / "layer.npz", 50)
    assert "layer of 3 x 4 dot products of 10" in own.label
    products = set((acts @ weights.T).reshape(-1).tolist())
    for name in ("data-gated", "subword-st", "dnc-2d-sa"):
        spec = make_spec(name)
        ((_, batch),) = own.parts(name, spec, 3)
        results = golden(name, spec).accumulate(spec.modes[3], batch.fields["a"], batch.fields["w"])
        assert set(results.reshape(-1).tolist()) == products


def test_modes_that_do_not_fit(tmp_path: Path) -> None:
    own = read_operands(csv(tmp_path / "a.csv"), 4)
    spec = make_spec("subword-st")
    with pytest.raises(
        UnfitError, match=r"^weights of a.csv must be from -8 to 7 in mode 8x4, not -128$"
    ):
        own.parts("subword-st", spec, 1)
    with pytest.raises(
        UnfitError, match=r"^activations of a.csv must be from 0 to 15 in mode 4x4, not 255$"
    ):
        own.parts("subword-st", spec, 3)
    own.check("subword-st", spec)
    narrow = make_spec("subword-st", {"modes": (Mode.parse("4x4"), Mode.parse("2x2"))})
    with pytest.raises(UnfitError, match=r"must be from 0 to 15 in mode 4x4, not 255$"):
        own.check("subword-st", narrow)
    # Two bits: four pairs a beat, so eight pairs are too few for accumulations of four.
    few = read_operands(csv(tmp_path / "b.csv", ACTS % 4, WEIGHTS % 2), 4)
    with pytest.raises(UnfitError, match=r"not 2 beats in accumulations of 4$"):
        few.parts("subword-st", spec, 4)


def test_a_label_tells_contents_apart(tmp_path: Path) -> None:
    one = read_operands(csv(tmp_path / "a.csv"), 4)
    other = read_operands(csv(tmp_path / "a.csv", ACTS[::-1]), 4)
    assert str(one) != str(other) and one.label != other.label
    assert isinstance(one, OwnOperands) and "8 pairs, cleared every 4" in one.label


def wrong(folder: Path) -> dict[str, str]:
    """Return files that must be refused, and the sentence after the file's name."""
    texts = {
        "a.csv": ("x,y\n1,2\n", "must begin with the line act,weight, not 'x,y'"),
        "b.csv": ("act,weight\n1,2\n1,two\n", "must be two whole numbers, not '1,two'"),
        "c.csv": ("act,weight\n1,2,3\n", "must be two whole numbers, not '1,2,3'"),
        "d.csv": ("", "must begin with the line act,weight, not ''"),
        "e.npz": ("no archive", "must be arrays of numbers as numpy saves them"),
        "f.csv": (f"act,weight\n{10**30},2\n", f"must hold whole numbers of 32 bits, not {10**30}"),
    }
    for name, (text, _) in texts.items():
        (folder / name).write_text(text)
    arrays: dict[str, tuple[dict[str, Any], str]] = {
        "g.npz": ({"a": ACTS}, "must hold the arrays acts and weights, not a"),
        "h.npz": ({"acts": ACTS, "weights": WEIGHTS[1:]}, "not (8) and (7)"),
        "i.npz": ({"acts": ACTS + 0.5, "weights": WEIGHTS}, "must hold whole numbers of 32 bits, not 0.5"),
        "j.npz": ({"acts": ACTS * np.nan, "weights": WEIGHTS}, "whole numbers of 32 bits, not nan"),
        "k.npz": ({"acts": ACTS.astype(str), "weights": WEIGHTS}, "must hold whole numbers, not <U21"),
        "l.npz": ({"acts": ACTS.astype(object), "weights": WEIGHTS}, "must be an array of numbers"),
        "m.npz": ({"acts": np.zeros((0, 3)), "weights": np.zeros((2, 3))}, "at least one dot product"),
        "n.npz": (dict.fromkeys(("acts", "weights"), np.zeros((300, 300))), "not 27,000,000"),
    }  # fmt: skip
    for name, (held, _) in arrays.items():
        np.savez(folder / name, **held)
    np.save(folder / "o.npy", ACTS)
    sentences = {name: sentence for name, (_, sentence) in (texts | arrays).items()}
    return sentences | {"o.npy": "must have the shape (n, 2), not (8)"}


def test_bad_files_are_one_sentence(tmp_path: Path) -> None:
    for name, sentence in wrong(tmp_path).items():
        with pytest.raises(UserError) as caught:
            read_operands(tmp_path / name, 4)
        text = str(caught.value)
        assert sentence in text and str(tmp_path / name) in text and "\n" not in text, name


def test_no_operands_are_one_sentence(tmp_path: Path) -> None:
    own = read_operands(csv(tmp_path / "a.csv", [], []), 4)
    with pytest.raises(
        UserError,
        match=r"^a stimulus must hold at least one accumulation, not 0 beats in accumulations of 4$",
    ):
        own.check("data-gated", make_spec("data-gated"))

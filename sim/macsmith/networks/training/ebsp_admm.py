"""Pull weights towards legal EBSP weights while a network is trained: ADMM.

The alternating direction method of multipliers splits "least loss, with legal weights" in two. The
weights W of a layer minimise, by stochastic gradients,

    loss(W) + rho/2 |W - Z + U|^2

and once an epoch their legal copy Z and the dual variable U follow:

    Z = legal weights next to W + U        U = U + W - Z

Liu et al., "EBSP", DAC 2022, name ADMM; the steps are those of Boyd et al., "Distributed
Optimization and Statistical Learning via the ADMM", 2011, section 9.1.
"""

import numpy as np

from macsmith.networks.training.qat import Floats, Parameters, TrainedNetwork


class Admm:
    """The penalty of a quantised network.

    Parameters
    ----------
    network:
        Its layers' rounding projects to Z.
    rho:
        Weight of the penalty, in units of the loss over squared weights.
    epochs:
        The penalty ends after so many.
    """

    def __init__(self, network: TrainedNetwork, rho: float, epochs: int) -> None:
        self.network = network
        self.rho = np.float32(rho)
        self.epochs = epochs
        self.duals = [np.zeros_like(layer.parameters["weights"]) for layer in network.layers]
        self.targets: list[Floats] = []

    def start(self, epoch: int) -> None:
        """Update Z and U, with U = 0 before the first epoch."""
        self.targets = []
        for index, layer in enumerate(self.network.layers):
            weights, step = layer.parameters["weights"], layer.parameters["weight_step"]
            legal = layer.rounding(weights + self.duals[index], step).values
            self.duals[index] += weights - legal
            # The gradient of the penalty is rho (W - target).
            self.targets.append(legal - self.duals[index])
        if epoch >= self.epochs:
            self.rho = np.float32(0)

    def add(self, gradients: list[Parameters]) -> None:
        """Add the gradient of the penalty, rho (W - Z + U)."""
        for layer, own, target in zip(self.network.layers, gradients, self.targets, strict=True):
            own["weights"] = own["weights"] + self.rho * (layer.parameters["weights"] - target)

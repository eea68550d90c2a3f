"""How the engine's streams are ports: AXI4-Stream, results with the bytes that count."""

from collections.abc import Mapping

from macsmith.contract.stream import Layout, Lines, OwnPorts


class EnginePorts(OwnPorts):
    """``tdata``, ``tkeep`` of results, ``tlast``: a beat from the lowest bit up."""

    def lines(self, streams: Mapping[str, Layout], *, inward: bool) -> tuple[Lines, ...]:
        """See `OwnPorts.lines`."""
        return tuple(
            Lines(
                name,
                (
                    (f"{name}_tdata", one.width),
                    *([] if inward else [(f"{name}_tkeep", one.width // 8)]),
                    (f"{name}_tlast", 1),
                ),
                f"{name}_tvalid",
                f"{name}_tready",
            )
            for name, one in streams.items()
        )

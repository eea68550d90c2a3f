"""The grid: packets load it, runs convolve, and results stay compressed until they are read."""

from collections.abc import Mapping

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring

from macsmith.rtl.external_memory import WithoutMemories
from macsmith.rtl.shared_module import instance
from macsmith.rtl.stream_component import StreamComponent
from macsmith.sparse.scnn.grid_loader import GridLoader
from macsmith.sparse.scnn.halo_sequencer import HaloSequencer
from macsmith.sparse.scnn.plane_geometry import Geometry, seen
from macsmith.sparse.scnn.product_pe import ScnnPe
from macsmith.sparse.scnn.results_reader import COUNTS, ResultsReader
from macsmith.sparse.scnn.spec import NUMBER, ScnnSpec

PE = "macsmith_pe"
"""The module of its PEs."""


class Scnn(StreamComponent):
    """A stream of packets in, an answer to each out.

        i ─▶ loader ─▶ PEs ◀─▶ neighbours: halos
                        ▲ └──▶ results ─▶ o
                        └─ start of groups, order of sums

    Each PE has a tile of every channel's activations, and all weights. Groups of output channels
    follow one another; all PEs meet at the end of a group. While a group is added up the results of
    the one before are made, and kept compressed as the next layer's activations.

    Parameters
    ----------
    spec:
        The grid.

    Members
    -------
    i : In(stream.Signature(spec.input_layout))
        Packets.
    o : Out(stream.Signature(spec.output_layout))
        Answers.
    """

    def __init__(self, spec: ScnnSpec) -> None:
        self.spec = spec
        self.pe = ScnnPe(spec)
        super().__init__(spec.input_layout, spec.output_layout)

    @property
    def parts(self) -> Mapping[str, wiring.Component]:
        """Components that are instantiated by module name."""
        return {PE: self.pe, **self.pe.parts}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, pe = self.spec, self.pe
        m.submodules.loader = loader = GridLoader(spec, 2 ** len(pe.load_at), len(pe.load_data))
        m.submodules.geometry = geometry = Geometry(spec)
        m.submodules.halos = halos = HaloSequencer(spec)
        m.submodules.reader = reader = ResultsReader(spec)
        layer = loader.layer
        start = Signal()
        fresh = Signal()
        buffer = Signal()
        busy = Signal()
        conflicts = Signal(spec.pes)
        drains = self._groups(m, loader, geometry, reader, halos, start, fresh, buffer, busy,
                              conflicts)  # fmt: skip
        sizes = ("tile_rows", "tile_cols", "kernel_rows", "kernel_cols")
        m.d.comb += [
            geometry.reckon.eq(loader.begins), halos.start.eq(drains),
            *(getattr(geometry, name).eq(layer[name]) for name in sizes),
            *(getattr(halos, name).eq(layer[name]) for name in sizes),
            halos.corner.eq(seen(spec, geometry.geometry).corner), halos.stride.eq(geometry.stride),
            halos.tile_plane.eq(geometry.tile_plane),
        ]  # fmt: skip
        outs = self._grid(m, loader, geometry, halos, reader, start, fresh, buffer)
        m.d.comb += [
            busy.eq(Cat(outs["busy"]).any()), conflicts.eq(Cat(outs["conflict"])),
            reader.error.eq(Cat(outs["error"]).any()),
            reader.end.eq(_chosen(loader.pe, outs["shown_end"])),
            reader.word.eq(_chosen(loader.pe, outs["shown_word"])),
            reader.shows.eq(loader.shows), reader.channels.eq(loader.results),
            reader.o.ready.eq(self.o.ready),
            loader.i.valid.eq(self.i.valid), loader.i.payload.eq(self.i.payload),
            self.i.ready.eq(loader.i.ready),
            self.o.valid.eq(loader.answer | reader.o.valid),
            self.o.payload.eq(reader.o.payload),
            loader.done.eq(self.o.valid & self.o.ready & self.o.payload.last),
        ]  # fmt: skip
        with m.If(loader.answer):
            m.d.comb += [
                self.o.payload.eq(0), self.o.payload.last.eq(1),
                self.o.payload.error.eq(loader.failed),
            ]  # fmt: skip
        return m

    def _groups(
        self, m: Module, loader: GridLoader, geometry: Geometry, reader: ResultsReader,
        halos: HaloSequencer, start: Signal, fresh: Signal, buffer: Signal, busy: Signal,
        conflicts: Signal,
    ) -> Signal:  # fmt: skip
        """Start groups, and the making of results of those that are done; count a run's cycles.

        Returns when results are made: in the cycle in which the next group starts.
        """
        spec = self.spec
        running = Signal()
        computing = Signal()
        drains = Signal()
        left = Signal(range(spec.groups + 1))
        done = Signal()
        meets = Signal()
        finished = Signal()
        # Results of the group before are on their way.
        draining = Signal()
        settling = Signal(2)
        m.d.comb += [
            draining.eq(drains | halos.busy | settling.any()),
            done.eq(computing & ~start & ~busy), meets.eq(done & ~draining),
            finished.eq(running & ~computing & ~start & ~draining),
            reader.finished.eq(finished),
        ]  # fmt: skip
        m.d.sync += [
            settling.eq(Cat(halos.busy, settling[0])), start.eq(0), drains.eq(meets),
            computing.eq(start | (computing & ~meets)),
        ]  # fmt: skip
        with m.If(loader.begins):
            m.d.sync += [start.eq(1), fresh.eq(1), left.eq(loader.layer.groups), running.eq(1)]
        with m.If(start):
            m.d.sync += [left.eq(left - 1), fresh.eq(0)]
        with m.If(meets):
            m.d.sync += [buffer.eq(~buffer), start.eq(left.any())]
        counts = [Signal(NUMBER, name=f"count_{number}") for number in range(COUNTS)]
        steps = (Const(1, 1), _ones(conflicts), done & draining)
        with m.If(loader.begins):
            m.d.sync += Cat(counts).eq(0)
        with m.Elif(running):
            m.d.sync += [
                count.eq(count + step) for count, step in zip(counts, steps, strict=True)
            ]  # fmt: skip
        with m.If(finished):
            m.d.sync += running.eq(0)
        m.d.comb += reader.counts.eq(Cat(counts))
        return drains

    def _grid(
        self, m: Module, loader: GridLoader, geometry: Geometry, halos: HaloSequencer,
        reader: ResultsReader, start: Signal, fresh: Signal, buffer: Signal,
    ) -> Mapping[str, list[Value]]:  # fmt: skip
        """Instantiate the PEs, each with its neighbours; return their outputs by name."""
        spec, layer = self.spec, loader.layer
        names = ("share", "shown_end", "shown_word", "busy", "conflict", "error")
        outs: dict[str, list[Value]] = {
            name: [
                Signal.like(Value.cast(getattr(self.pe, name)), name=f"{name}_{number}")
                for number in range(spec.pes)
            ]
            for name in names
        }
        nothing = Const(0, spec.acc_width)

        def shared(row: int, col: int) -> Value:
            inside = row < spec.rows and col < spec.cols
            return outs["share"][row * spec.cols + col] if inside else nothing

        for number in range(spec.pes):
            row, col = divmod(number, spec.cols)
            limits = []
            for name, count, tile in (
                ("row", row, "tile_rows"), ("col", col, "tile_cols")
            ):  # fmt: skip
                limits.append(
                    self._limit(m, f"{name}_{number}", layer[f"out_{name}s"], layer[tile], count)
                )
            m.submodules[f"pe_{number}"] = instance(
                PE, self.pe,
                load_act_end=loader.act_end[number], load_act=loader.act[number],
                load_weight_end=loader.weight_end, load_weight=loader.weight,
                load_at=loader.at, load_data=loader.data, swap=loader.swap,
                begins=loader.begins, start=start, fresh=fresh, channels=layer.channels,
                geometry=geometry.geometry, buffer=buffer,
                drain=halos.read, drain_at=halos.read_at, adds=halos.adds, source=halos.source,
                renews=halos.renews, gives=halos.gives, closes=halos.closes,
                drain_row=halos.row, drain_col=halos.col,
                row_limit=limits[0], col_limit=limits[1], relu=layer.relu, shift=layer.shift,
                below=shared(row + 1, col), right=shared(row, col + 1),
                corner=shared(row + 1, col + 1),
                show=reader.read, show_end=reader.read_end, show_at=reader.read_at,
                **{name: values[number] for name, values in outs.items()},
            )  # fmt: skip
        return outs

    def _limit(self, m: Module, name: str, out: Value, tile: Value, before: int) -> Signal:
        """Return how many rows, or columns, of a PE's tile lie in the plane."""
        limit = Signal(range(self.spec.tile + 1), name=f"{name}_limit")
        first = Signal(range(self.spec.tile * max(1, before) + 1), name=f"{name}_first")
        left = Signal(len(out) + 1, name=f"{name}_left")
        m.d.comb += [
            first.eq(tile * before),
            left.eq(Mux(out > first, out - first, 0)),
            limit.eq(Mux(left > tile, tile, left)),
        ]
        return limit


class ScnnLogic(Scnn):
    """The grid without memories, which are instances for macros to take their place."""

    platform = WithoutMemories()


def _ones(bits: Signal) -> Value:
    """Return how many bits are up."""
    found: Value = Const(0, 1)
    for bit in bits:
        found = found + bit
    return found


def _chosen(pe: Value, words: list[Value]) -> Value:
    """Return the word of a PE."""
    found = words[0]
    for number, word in enumerate(words[1:], 1):
        found = Mux(pe == number, word, found)
    return found

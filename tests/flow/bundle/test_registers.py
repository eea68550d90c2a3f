"""The registers of the engine in a bundle: SystemRDL, the C header, IP-XACT."""

from pathlib import Path
from typing import Any

import pytest
from systemrdl import RDLCompiler

from macsmith.array.engine.register_map import (
    COUNTERS,
    Control,
    Error,
    Flags,
    Register,
    Status,
    constants,
    counter_address,
)
from macsmith.bundle.bundle import bundle
from macsmith.bundle.shipped_design import Design
from tests.support.bundled import call, component_of, design, ports_are_those_of

ADDRESSES = {one.name: one.value for one in Register if one is not Register.COUNTERS} | {
    name.upper(): counter_address(name) for name in COUNTERS
}


@pytest.fixture(scope="module")
def engine() -> Design:
    return design("systolic-engine", "rows=4", "cols=4", "act_depth=64")


@pytest.fixture(scope="module")
def files(engine: Design) -> dict[str, str]:
    return bundle(engine)


def test_systemrdl_has_every_register(
    engine: Design, files: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "map.rdl").write_text(files[f"{engine.module}.rdl"])
    compiler = RDLCompiler()
    compiler.compile_file(str(tmp_path / "map.rdl"))
    registers = {one.inst_name: one for one in compiler.elaborate().top.registers()}
    assert {name: one.address_offset for name, one in registers.items()} == ADDRESSES
    for register, value in constants(engine.spec).items():
        fields = registers[register.name].fields()
        resets: list[Any] = [field.get_property("reset") for field in fields]
        words = zip(resets, fields, strict=True)
        assert sum(int(reset) << field.low for reset, field in words) == value
        assert not any(field.is_sw_writable for field in fields)
    for name, bits in {"CONTROL": Control, "STATUS": Status, "FLAGS": Flags}.items():
        found = {field.inst_name: 1 << field.low for field in registers[name].fields()}
        assert found.items() >= {str(bit.name).lower(): bit.value for bit in bits}.items()
    assert not registers["CONTROL"].has_sw_readable and registers["M"].has_sw_writable
    (error,) = (f for f in registers["STATUS"].fields() if f.inst_name == "error")
    codes: Any = error.get_property("encode")
    assert {code.name: code.value for code in codes} == {one.name: one.value for one in Error}


def test_the_header_compiles_and_has_the_addresses(
    engine: Design, files: dict[str, str], tmp_path: Path
) -> None:
    name = f"{engine.module}_registers"
    (tmp_path / f"{name}.h").write_text(files[f"{name}.h"])
    checks = "\n".join(
        f'_Static_assert(offsetof({name}_t, {register}) == {address}, "{register}");'
        for register, address in ADDRESSES.items()
    )
    checks += f'\n_Static_assert({name.upper()}__STATUS__ERROR_bp == 8, "error");'
    (tmp_path / "check.c").write_text(f'#include <stddef.h>\n#include "{name}.h"\n{checks}\n')
    done = call(tmp_path, "cc", "-std=c11", "-Wall", "-Werror", "-fsyntax-only", "check.c")
    assert done.returncode == 0, done.stderr


def test_ipxact_has_ports_and_registers(
    engine: Design, files: dict[str, str], tmp_path: Path
) -> None:
    found = component_of(files[f"{engine.module}.xml"], tmp_path)
    ((block,),) = (one.addressBlock for one in found.memoryMaps.memoryMap)
    assert {one.name: one.addressOffset for one in block.register} == ADDRESSES
    ports_are_those_of(found, engine)


def test_ipxact_of_a_unit(tmp_path: Path) -> None:
    unit = design("data-gated", "headroom=0")
    found = component_of(bundle(unit)[f"{unit.module}.xml"], tmp_path)
    assert (found.vendor, found.library, found.name) == ("macsmith", "units", unit.module)
    assert [one.name for one in found.fileSets.fileSet[0].file] == [unit.source]
    assert found.description == unit.spec.summary and found.memoryMaps is None
    ports_are_those_of(found, unit)

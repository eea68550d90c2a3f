"""Says which simulators the suite runs on: ``python -m tests.simulators``."""

from macsmith.rtlsim.cocotb_runner import SIMULATORS, missing_for
from macsmith.rtlsim.compiled_rtl import CompiledUnit

if __name__ == "__main__":
    for simulator in SIMULATORS:
        missing = missing_for(simulator)
        print(f"simulator {simulator}: {f'left out, no {missing}' if missing else 'used'}")
    print(f"bulk engine: {'compiled' if CompiledUnit.available() else 'gates, no C++ compiler'}")

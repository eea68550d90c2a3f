"""Cell libraries that tests measure on."""

import os
from pathlib import Path

from tests.support.checkout import ROOT

# The developers' PDKs lie beside the repository, or where MACSMITH_TEST_PDK says; elsewhere the
# embedded library stands for them.
PDK = Path(os.environ.get("MACSMITH_TEST_PDK", ROOT.parent / "shared" / "pdk"))

"""What docs/systolic-array.md shows."""

from macsmith.figures.arrays import joint_density, tensor_pes
from macsmith.figures.docs_page import Page

PAGE = Page("docs/systolic-array.md", (*tensor_pes.REGIONS, *joint_density.REGIONS))

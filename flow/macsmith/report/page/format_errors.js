"use strict";

// What number formats lose over what products take: of each format the netlist of least energy.
{
  const {rows: formats, chart} = data.sections.format_errors;

  function updateFormats() {
    const choice = choices();
    const least = new Map();
    for (const row of formats.filter((one) => passes(one, choice))) {
      const other = least.get(row.format);
      if (!other || row.spent < other.spent) least.set(row.format, row);
    }
    const shown = [...least.values()];
    draw("formats", chart, shown, [], `Errors of formats over energies, at the ${choice.boundary} boundary`);
    document.getElementById("formats-note").textContent = shown.length
      ? "Laplace numbers, rounded to each unit's format by its own quantiser, and summed as the unit sums. Green: no other format has both less error and less energy. At the "
        + `${choice.boundary} boundary, the mode chosen above does not count here.`
      : "No format passes these choices.";
  }

  document.addEventListener("change", updateFormats);
  updateFormats();
}

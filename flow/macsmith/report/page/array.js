"use strict";

// Gains of tensor PEs over the classic one, a line a density, beside the published factors.
{
  const {rows: points, charts: curves, names} = data.sections.array;

  function updateArray() {
    const choice = choices();
    const here = points.filter((point) => point.tech === choice.tech);
    const theirs = here.filter((point) => point.kind === "published");
    const stimulus = choice.stimulus ?? here.find((point) => point.stimulus)?.stimulus;
    const passing = here.filter((point) =>
      point.kind === "ours" && point.mode === choice.mode && (!point.stimulus || point.stimulus === stimulus));
    const name = names[choice.array];
    draw("array", curves[choice.array], passing.length ? [...passing, ...theirs] : [], [choice.array],
      `Gain in ${name} over the classic PE at ${choice.mode}, by size and density`);
    document.getElementById("array-note").textContent = passing.length
      ? `At ${choice.mode}; up is better. Green: the most. Dashed: published.`
      : "No record passes these choices.";
  }

  document.addEventListener("change", updateArray);
  updateArray();
}

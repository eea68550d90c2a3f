"use strict";

// Every netlist that passes the choices, and a line through those of each unit that none beats.
{
  const {charts: curves} = data.sections.curve;

  function updateCurve() {
    const choice = choices();
    const passing = rows.filter((row) => passes(row, choice) && isAt(row, choice.point));
    const across = metrics[choice.curve];
    const what = place(choice);
    draw("curve", curves[across.key], passing, ["area", across.key], `Area against ${across.title}, ${what}`);
    const count = `${passing.length} netlists ${what}.`;
    document.getElementById("curve-note").textContent = passing.length
      ? `${count} Green: no other netlist of its unit is better in both; down and ${across.more ? "right" : "left"} is better.`
      : "No record passes these choices.";
  }

  document.addEventListener("change", updateCurve);
  updateCurve();
}

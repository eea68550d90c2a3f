"use strict";

// Operating points of the chosen mode and units: a chart and a table.
{
  const {rows: points, chart} = data.sections.scaling;
  const methods = distinct(points.map((point) => point.method));

  const heads = [
    "unit", "MHz", "DAS pJ", "ratio", "DVAS V", "pJ", "ratio", "DVAFS V", "MHz", "pJ", "ratio",
  ];

  function cells(point) {
    const {voltage_v: volts, clock_mhz: mhz, energy_pj_per_mac: pj, energy_relative: ratio} = point;
    const supply = show.format(volts) + (point.limit === "vmin" ? " *" : "");
    const clock = show.format(mhz);
    const before = {DAS: [clock], DVAS: [supply], DVAFS: [supply, clock]}[point.method];
    return [...before, show.format(pj), ratio === null ? "" : show.format(ratio)];
  }

  function line(unit, shown) {
    const own = methods.flatMap((method) => cells(shown.find((p) => p.unit === unit && p.method === method)));
    const numbers = own.map((text) => element("td", {class: "number"}, text));
    return element("tr", {}, element("th", {scope: "row"}, unit), ...numbers);
  }

  function updateScaling() {
    const choice = choices();
    const chosen = (p) => p.tech === choice.tech && p.mode === choice.scaling;
    const shown = points.filter((p) => chosen(p) && choice.units.includes(p.unit));
    draw("scaling", chart, shown, [], `Energy per MAC by scaling method at ${choice.scaling}, modelled`);
    const reference = shown.some((p) => p.base) ? ` Dashed, and the ratio: ${data.reference} at full precision and the nominal supply.` : "";
    document.getElementById("scaling-note").textContent = shown.length
      ? `At ${choice.scaling}; left is better.${reference} * the lowest supply allowed.`
      : "No modelled figure passes these choices.";
    const head = heads.map((text, index) => element("th", {scope: "col", ...(index && {class: "number"})}, text));
    document.querySelector("#scaling-points thead").replaceChildren(element("tr", {}, ...head));
    const units = distinct(shown.map((point) => point.unit));
    document.querySelector("#scaling-points tbody")
      .replaceChildren(...units.map((unit) => line(unit, shown)));
  }

  document.addEventListener("change", updateScaling);
  updateScaling();
}

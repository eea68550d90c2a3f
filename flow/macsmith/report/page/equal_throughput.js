"use strict";

// Who takes least at which throughput: a table of spans, and every unit's curve.
{
  const {rows: packed, spans, views: byView, asGood} = data.sections.equal_throughput;
  const points = unpacked(packed);

  const both = (span, value) => distinct([span.first, span.last].map(value)).join(" to ");
  const share = ([unit, part]) => (part === 1 ? unit : `${unit} at ${percent(part)}`);

  function line(span) {
    const numbers = [
      `${show.format(span.low)} to ${show.format(span.high)}`,
      both(span, (end) => show.format(end.copies)),
      both(span, (end) => show.format(end.value)),
    ].map((text) => element("td", {class: "number"}, text));
    const words = [both(span, (end) => end.netlist), Object.entries(span.as_good).map(share).join(", ")]
      .map((text) => element("td", {}, text));
    return element("tr", {}, element("th", {scope: "row"}, span.unit), ...numbers, ...words);
  }

  function updateThroughput() {
    const choice = choices();
    const {title, least, across, chart} = byView[choice.throughput];
    const here = (one) => one.view === choice.throughput && one.tech === choice.tech
      && one.boundary === choice.boundary && isAt(one, choice.point);
    const shown = points.filter((point) => here(point) && choice.units.includes(point.unit));
    const of = spans.filter(here);
    document.getElementById("throughput-title").textContent = `${title}, ${place(choice)}`;
    draw("throughput", chart, shown, [], `${least.title}, over ${across.title}, ${place(choice)}`);
    const heads = ["least takes", across.title, "copies", least.title, "netlist", "as good"];
    const head = heads.map((text, index) =>
      element("th", {scope: "col", ...([1, 2, 3].includes(index) && {class: "number"})}, text));
    const table = document.getElementById("throughput-spans");
    table.tHead.replaceChildren(...(of.length ? [element("tr", {}, ...head)] : []));
    table.tBodies[0].replaceChildren(...of.map(line));
    document.getElementById("throughput-note").textContent = shown.length
      ? `As good: ${asGood}. Green takes least; lower is better. At ${show.format(Math.min(...shown.map((one) => one.target)))} to ${show.format(Math.max(...shown.map((one) => one.target)))} ${across.unit}.`
      : "No record passes these choices, or none has this figure.";
  }

  document.addEventListener("change", updateThroughput);
  updateThroughput();
}

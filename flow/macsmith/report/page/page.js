"use strict";

// Everything below shows records and figures that the page was written with; none is made here.
const data = JSON.parse(document.getElementById("data").textContent);
for (const name of ["records", "figures"]) data[name] = unpacked(data[name]);
const rows = data.records.map((record, index) => ({...record, ...data.figures[index], record}));
const metrics = Object.fromEntries(data.metrics.map((metric) => [metric.key, metric]));
const form = document.getElementById("choices");
const views = {};
let order = {key: "density", down: true};

const show = new Intl.NumberFormat("en", {maximumSignificantDigits: 4});
const percent = (share) => `${(100 * share).toFixed(0)} %`;
const distinct = (values) => [...new Set(values)];

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Rows of columns that hold each distinct value once. */
function unpacked(columns) {
  const keys = Object.entries(columns);
  return keys[0][1].at.map((_, row) =>
    Object.fromEntries(keys.map(([key, {values, at}]) => [key, values[at[row]]])),
  );
}

// ---- which records are chosen ----

function choices() {
  const given = new FormData(form);
  const point = given.get("mode");
  return {tech: rows[0].tech, ...Object.fromEntries(given), point, units: given.getAll("unit")};
}

function passes(row, choice) {
  const free = ["recipe", "adders"].every((key) => !choice[key] || row[key] === choice[key]);
  const stimulus = !choice.stimulus || !row.stimulus || row.stimulus === choice.stimulus;
  const place = row.tech === choice.tech && row.boundary === choice.boundary;
  return free && stimulus && place && choice.units.includes(row.unit);
}

function least(row, pick) {
  const value = pick === "product" ? row.area * row.period : row[pick];
  return value ?? Infinity;
}

/** What a unit does that can do one thing only stands at every point. */
function isAt(row, point) {
  return row.point === null || row.point === point;
}

/** Where figures are of, for titles and notes. */
function place(choice) {
  return `${choice.point ? `at ${choice.point}, ` : "at the "}${choice.boundary} boundary`;
}

/** One row for each unit and point; of equal ones, one that has an energy. */
function picked(candidates, pick) {
  const best = new Map();
  for (const row of candidates) {
    const key = JSON.stringify([row.unit, row.parameters, row.point]);
    const other = best.get(key);
    const difference = other ? least(row, pick) - least(other, pick) : -1;
    const richer = other && other.energy === null && row.energy !== null;
    if (difference < 0 || (!(difference > 0) && richer)) best.set(key, row);
  }
  return [...best.values()];
}

function ranked(candidates, metric) {
  const known = candidates.filter((row) => row[metric.key] !== null);
  return known.sort((a, b) => (a[metric.key] - b[metric.key]) * (metric.more ? -1 : 1));
}

// ---- the answer ----

function answer(metric, candidates) {
  const [first, second] = ranked(candidates, metric);
  if (!first) {
    const none = element("b", {}, "no figure");
    return element("div", {class: "answer none"}, element("h3", {}, metric.aim), none);
  }
  const card = element("div", {class: "answer"}, element("h3", {}, metric.aim));
  const reference = candidates.find((row) => row.unit === data.reference)?.[metric.key];
  const value = first[metric.key];
  let figure = `${show.format(value)} ${metric.unit}`;
  if (reference && first.unit !== data.reference) {
    figure += `, ${(value / reference).toFixed(2)} of ${data.reference}`;
  }
  card.append(element("b", {}, first.unit), figure);
  if (second) {
    const gap = Math.abs(second[metric.key] - value) / value;
    const next = `${second.unit}, ${percent(gap)} ${metric.more ? "less" : "more"}`;
    card.append(element("small", {}, gap < data.noise ? `as good: ${next}` : `next: ${next}`));
  }
  return card;
}

function matrix(chosen, point) {
  const named = distinct(rows.map((row) => row.point)).filter((name) => name !== null);
  const points = named.length ? named : [null];
  const mark = (name) => (name === point ? {class: "chosen"} : {});
  const head = points.map((name) => element("th", {scope: "col", ...mark(name)}, name ?? ""));
  const body = data.metrics.map((metric) => {
    const cells = points.map((name) => {
      const [best] = ranked(chosen.filter((row) => isAt(row, name)), metric);
      if (!best) return element("td", mark(name), "no figure");
      const figure = `${show.format(best[metric.key])} ${metric.unit}`;
      return element("td", mark(name), best.unit, element("small", {}, figure));
    });
    return element("tr", {}, element("th", {scope: "row"}, metric.aim), ...cells);
  });
  document.getElementById("matrix").replaceChildren(
    element("thead", {}, element("tr", {}, element("td"), ...head)),
    element("tbody", {}, ...body),
  );
}

// ---- charts ----

/** Draw rows that have the figures, in place of the chart before it, once that is drawn itself. */
function draw(id, chart, candidates, keys, description) {
  const shown = candidates.filter((row) => keys.every((key) => row[key] !== null));
  const filled = chart.data.map((set) => (set.name === "rows" ? {...set, values: shown} : set));
  const options = {
    mode: "vega",
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    tooltip: (_, event, __, value) => hint(event, value),
  };
  views[id] = Promise.resolve(views[id]).then((before) => {
    before?.finalize();
    document.getElementById(id).replaceChildren();
    if (!shown.length) return null;
    return vegaEmbed(`#${id}`, {...chart, data: filled, description}, options);
  });
}

function hint(event, value) {
  const box = document.getElementById("hint");
  box.hidden = !value;
  if (!value) return;
  const told = Object.entries(value).filter(([, text]) => !["null", "undefined", ""].includes(text));
  const items = told.flatMap(([key, text]) => [element("dt", {}, key), element("dd", {}, text)]);
  box.replaceChildren(element("dl", {}, ...items));
  const {width, height} = box.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
  box.style.top = `${Math.max(8, Math.min(event.clientY + 14, innerHeight - height - 8))}px`;
}

function note(id, text, shown, keys) {
  if (!shown.length) text = "No record passes these choices.";
  const without = shown.filter((row) => keys.some((key) => row[key] === null));
  const missing = without.length ? ` No figure: ${without.map((row) => row.unit).join(", ")}.` : "";
  document.getElementById(id).textContent = text + missing;
}

function charts(shown, choice) {
  const what = place(choice);
  const metric = metrics[choice.bars];
  draw("bars", data.bars[metric.key], shown, [metric.key], `${metric.title}, ${what}`);
  const ratio = shown.some((row) => row.unit === data.reference);
  const times = ratio ? ` × is the ratio to ${data.reference}.` : "";
  note("bars-note", `Green is ${metric.aim}.${times}`, shown, [metric.key]);
  const [up, across] = choice.scatter.split("-");
  const title = `${metrics[up].title}, against ${metrics[across].title}`;
  draw("scatter", data.scatters[choice.scatter], shown, [up, across], `${title}, ${what}`);
  const text = "Right and down is better. Green: no other unit is better in both.";
  const energy = metrics.energy ? "" : " These records have no energy.";
  note("scatter-note", text + energy, shown, [up, across]);
}

// ---- what energy is spent on ----

/** By place where units were cut at their own boundary, else by part. */
function spent(shown) {
  const table = document.getElementById("spent");
  if (!table) return;
  const known = ranked(shown, metrics.energy);
  const split = (row) => {
    const places = {...row.energy_places, ...row.energy_places_c0v2};
    return Object.keys(places).length ? places : {...row.energy_parts, ...row.energy_parts_c0v2};
  };
  const parts = distinct(known.flatMap((row) => Object.keys(split(row))));
  const head = ["unit", metrics.energy.title, ...parts]
    .map((name, number) => element("th", {scope: "col", ...(number && {class: "number"})}, name));
  const body = known.map((row) => {
    const pj = [row.energy, ...parts.map((part) => split(row)[part] ?? null)];
    const cells = pj.map((value) => element("td", {class: "number"}, value === null ? "" : show.format(value)));
    return element("tr", {}, element("th", {scope: "row"}, row.unit), ...cells);
  });
  table.replaceChildren(
    ...(known.length ? [element("thead", {}, element("tr", {}, ...head))] : []),
    element("tbody", {}, ...body),
  );
  const stimuli = distinct(known.map((row) => row.stimulus));
  note("spent-note", stimuli.length ? `Operands: ${stimuli.join("; ")}.` : "", shown, ["energy"]);
}

// ---- the table ----

const column = (key, title, number = false) => ({key, title, number, value: (row) => row[key]});
const columns = [
  column("unit", "unit"),
  column("point", rows.every((row) => row.mode === row.point) ? "mode" : "point"),
  column("boundary", "boundary"),
  column("recipe", "recipe"),
  column("adders", "adders"),
  ...data.metrics.map((metric) => column(metric.key, metric.title, true)),
  column("area_ge", "area, GE", true),
  column("cells", "cells", true),
  column("flip_flops", "flip-flops", true),
  column("operations_per_cycle", `${data.operation}/cycle`, true),
  {key: "measured", title: "figures", value: (row) => (row.measured ? "measured" : "modelled")},
  column("timing_engine", "timing by"),
  column("energy_method", "energy by"),
  column("stimulus", "stimulus"),
].filter(({value}) => rows.some((row) => value(row) !== null))
  .filter(({key, title}, index, all) => all.findIndex((one) => one.title === title) === index);

function sorted(shown) {
  const {value} = columns.find((one) => one.key === order.key) ?? columns[0];
  const compare = (a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    return (x < y ? -1 : x > y ? 1 : 0) * (order.down ? -1 : 1);
  };
  return [...shown].sort(compare);
}

function heading({key, title, number}) {
  const button = element("button", {type: "button"}, title);
  button.addEventListener("click", () => {
    order = {key, down: order.key === key ? !order.down : number};
    update();
    document.querySelector("#records [aria-sort] button").focus();
  });
  const direction = order.down ? "descending" : "ascending";
  const sort = order.key === key ? {"aria-sort": direction} : {};
  const look = number ? {class: "number"} : {};
  const arrow = order.key === key ? (order.down ? " ↓" : " ↑") : "";
  button.append(element("span", {"aria-hidden": "true"}, arrow));
  return element("th", {scope: "col", ...sort, ...look}, button);
}

function line(row, best) {
  const cells = columns.map(({key, number, value}, index) => {
    const found = value(row);
    const text = found === null ? "" : number ? show.format(found) : String(found);
    const look = [number && "number", best[key] === row && "chosen"].filter(Boolean).join(" ");
    return element(index ? "td" : "th", {...(look && {class: look}), ...(!index && {scope: "row"})}, text);
  });
  const whole = element("details", {}, element("summary", {}, "record"));
  const fill = () => whole.append(element("pre", {}, JSON.stringify(row.record, null, 1)));
  whole.addEventListener("toggle", fill, {once: true});
  return element("tr", {}, ...cells, element("td", {}, whole));
}

function table(shown) {
  const best = Object.fromEntries(data.metrics.map((metric) => [metric.key, ranked(shown, metric)[0]]));
  const last = element("th", {scope: "col"}, "everything");
  document.querySelector("#records thead")
    .replaceChildren(element("tr", {}, ...columns.map(heading), last));
  document.querySelector("#records tbody")
    .replaceChildren(...shown.map((row) => line(row, best)));
  document.getElementById("record-count").textContent = `${shown.length} of ${rows.length}`;
}

// ---- export: the records in the table, with the keys and columns of compare --csv ----

function flattened(record) {
  const flat = {};
  for (const [name, value] of Object.entries(record)) {
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      for (const [part, inner] of Object.entries(value)) flat[`${name}.${part}`] = inner;
    } else {
      flat[name] = value;
    }
  }
  return flat;
}

function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "True" : "False";
  const text = Array.isArray(value) ? value.join(" ") : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(records) {
  const flat = records.map(flattened);
  const names = distinct(flat.flatMap(Object.keys));
  const lines = flat.map((record) => names.map((name) => cell(record[name])));
  return [names, ...lines].map((values) => `${values.join(",")}\n`).join("");
}

let exported = [];

function save() {
  const address = URL.createObjectURL(new Blob([csv(exported)], {type: "text/csv"}));
  element("a", {href: address, download: `macsmith-${choices().tech}.csv`}).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// ---- all together ----

function update() {
  const choice = choices();
  const passing = rows.filter((row) => passes(row, choice));
  const chosen = picked(passing, choice.pick);
  const shown = chosen.filter((row) => isAt(row, choice.point));
  document.getElementById("answer-title").textContent =
    `Best ${place(choice)}`;
  document.getElementById("answers").replaceChildren(
    ...data.metrics.map((metric) => answer(metric, shown)),
  );
  document.getElementById("unit-count").textContent =
    `${choice.units.length} of ${form.querySelectorAll("[name=unit]").length}`;
  document.getElementById("tech").textContent = choice.tech;
  for (const body of document.querySelectorAll("[data-tech]")) {
    body.hidden = body.dataset.tech !== choice.tech;
  }
  matrix(chosen, choice.point);
  charts(shown, choice);
  spent(shown);
  const listed = (choice.netlists ? passing : chosen)
    .filter((row) => choice.modes || isAt(row, choice.point));
  const ordered = sorted(listed);
  table(ordered);
  exported = ordered.map((row) => row.record);
}

// Some controls stand beside what they change, outside the form that they belong to.
document.addEventListener("change", update);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("export").addEventListener("click", save);
update();

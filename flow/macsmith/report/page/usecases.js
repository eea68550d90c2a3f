"use strict";

// Mixes of precisions on the chosen library, whatever the other choices are.
{
  const {records, figures, metrics: known, bars} = data.sections.usecases;

  function updateUsecases() {
    const given = choices();
    const metric = known.find(({key}) => key === given["usecase-bars"]);
    const shown = records.map((record, index) => ({...record, ...figures[index]}))
      .filter((row) => row.tech === given.tech && row.mode === given.usecase);
    draw("usecases", bars[metric.key], shown, [metric.key], `${metric.title}, mix ${given.usecase}`);
    const ratio = shown.some((row) => row.unit === data.reference);
    const times = ratio ? ` × is the ratio to ${data.reference}.` : "";
    note("usecases-note", `Green is ${metric.aim}.${times}`, shown, [metric.key]);
  }

  document.addEventListener("change", updateUsecases);
  updateUsecases();
}

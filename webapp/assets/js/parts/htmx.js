import htmx from "htmx.org";

window.htmx = htmx; // the morph extension looks for it there

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0, // pages are personal; nothing of them stays in the browser's store
  refreshOnHistoryMiss: true,
  defaultSettleDelay: 0,
  scrollIntoViewOnBoost: false,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "409|422|429", swap: true },
    { code: "...", swap: true, error: true },
  ],
});

export default htmx;

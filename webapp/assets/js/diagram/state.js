/* Markers colour the path, overlays carry tokens, a layer under the shapes carries heat.

   State: { done: [id], now: [{id, label}], later: [id], bad: [{id, label}],
            timers: [{id, label}], marks: [{id, label}], heat: {id: 0..1} }; every part may miss. */
import { heat } from "./heat.js";

const KINDS = ["done", "now", "later", "bad", "wait"];
const KIND = "casewright";

const idOf = (item) => (typeof item === "string" ? item : item.id);

function markers({ done = [], now = [], later = [], bad = [], timers = [] }) {
  return { done, later, now: now.map(idOf), bad: bad.map(idOf), wait: timers.map(idOf) };
}

/* Flows between elements that were both passed are passed too, unless the page names flows. */
function passedFlows(registry, { done = [], now = [], bad = [] }) {
  const isFlow = (id) => registry.get(id)?.waypoints;
  if (done.some(isFlow)) return [];
  const behind = new Set(done);
  const reached = new Set([...done, ...now.map(idOf), ...bad.map(idOf)]);
  const flows = registry.filter((element) => element.waypoints && element.source && element.target);
  return flows.filter((flow) => behind.has(flow.source.id) && reached.has(flow.target.id)).map(idOf);
}

function token(label, kind, place) {
  const box = document.createElement("span");
  box.className = `tok ${kind} ${place}`;
  box.textContent = label;
  return box;
}

function overlay(overlays, registry, items, kind, place, position) {
  for (const item of items ?? []) {
    if (typeof item === "string" || !item.label || !registry.get(item.id)) continue;
    const html = token(item.label, kind, place);
    overlays.add(item.id, KIND, { position, html, scale: { min: 0.8, max: 1.1 } });
  }
}

export function show(viewer, state) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const overlays = viewer.get("overlays");
  for (const element of registry.getAll()) {
    for (const kind of KINDS) canvas.removeMarker(element, `is-${kind}`);
  }
  const wanted = markers(state);
  wanted.done = [...wanted.done, ...passedFlows(registry, state)];
  for (const [kind, ids] of Object.entries(wanted)) {
    for (const id of ids) if (registry.get(id)) canvas.addMarker(id, `is-${kind}`);
  }
  overlays.remove({ type: KIND });
  overlay(overlays, registry, state.now, "live", "corner", { top: -12, right: 0 });
  overlay(overlays, registry, state.bad, "bad", "corner", { top: -13, right: 0 });
  overlay(overlays, registry, state.timers, "plain", "beside", { bottom: 4, left: 40 });
  overlay(overlays, registry, state.marks, "plain", "foot", { bottom: 11, right: 0 });
  heat(viewer, state.heat ?? {});
}

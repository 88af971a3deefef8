/* Which part of a drawing is seen: the token in the middle, or all of it. */

const NARROW = 600;
const AHEAD = 40; // what comes next matters more than what was

const isNarrow = (host) => host.clientWidth < NARROW;

function focusOf(viewer, { now = [], bad = [], done = [] }) {
  const registry = viewer.get("elementRegistry");
  const ids = [...now, ...bad].map((item) => item.id ?? item).concat([...done].reverse());
  return ids.map((id) => registry.get(id)).find((element) => element && !element.waypoints);
}

function centre(viewer, host, { x, y }, zoom) {
  const width = host.clientWidth / zoom;
  const height = host.clientHeight / zoom;
  viewer.get("canvas").viewbox({ x: x - width / 2, y: y - height / 2, width, height });
}

const middle = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

function strip(viewer, host, state) {
  const shape = focusOf(viewer, state);
  if (!shape) return whole(viewer, host, state);
  const { x, y } = middle(shape);
  const narrow = isNarrow(host);
  centre(viewer, host, { x: x + (narrow ? 0 : AHEAD), y }, narrow ? 0.74 : 0.63);
}

function whole(viewer, host, state) {
  const { inner } = viewer.get("canvas").viewbox();
  const fits = Math.min(host.clientWidth / (inner.width + 120), host.clientHeight / (inner.height + 110), 1);
  const shape = isNarrow(host) && focusOf(viewer, state);
  if (shape && fits < 0.55) centre(viewer, host, middle(shape), 0.55);
  else centre(viewer, host, middle(inner), fits);
}

export function frame(viewer, host, state) {
  if (host.clientWidth === 0) return;
  if (host.dataset.mode === "strip") strip(viewer, host, state);
  else whole(viewer, host, state);
}

export function zoomBy(viewer, factor) {
  const canvas = viewer.get("canvas");
  canvas.zoom(Math.min(Math.max(canvas.zoom() * factor, 0.2), 3));
}

/* Where cases spend their time: soft colour under the shapes. The figures stand on them. */

const RAMP = [[0, "#4a90c2"], [0.3, "#5cc08f"], [0.55, "#f1d24b"], [0.78, "#f08a3c"], [1, "#d8412f"]];
const FADE = [[0, 1], [0.42, 0.68], [0.72, 0.28], [1, 0]];

function colour(value) {
  const at = RAMP.findIndex(([limit]) => value <= limit);
  if (at <= 0) return at === 0 ? RAMP[0][1] : RAMP.at(-1)[1];
  const [[low, from], [high, to]] = [RAMP[at - 1], RAMP[at]];
  const share = Math.round(((value - low) / (high - low)) * 100);
  return `color-mix(in oklab, ${to} ${share}%, ${from})`;
}

function node(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function gradient(id, value) {
  const made = node("radialGradient", { id });
  for (const [offset, opacity] of FADE) {
    const stop = node("stop", { offset });
    stop.style.stopColor = colour(Math.max(0.04, value - offset * 0.42));
    stop.style.stopOpacity = opacity * (0.5 + value * 0.5);
    made.append(stop);
  }
  return made;
}

function glow(shape, value) {
  const reach = 0.72 + value * 0.5;
  return node("ellipse", {
    cx: shape.x + shape.width / 2,
    cy: shape.y + shape.height / 2,
    rx: shape.width * reach,
    ry: shape.height * reach * 1.08,
    fill: `url(#heat-${shape.id})`,
  });
}

export function heat(viewer, values) {
  const registry = viewer.get("elementRegistry");
  const layer = viewer.get("canvas").getLayer("heat", -10);
  layer.replaceChildren();
  const shown = Object.entries(values)
    .map(([id, value]) => [registry.get(id), value])
    .filter(([shape]) => shape && !shape.waypoints)
    .sort((one, other) => one[1] - other[1]);
  viewer.get("canvas").getContainer().closest(".bp").classList.toggle("heat", shown.length > 0);
  if (shown.length === 0) return;
  const colours = node("defs", {});
  const glows = node("g", { class: "heat-glow" });
  for (const [shape, value] of shown) {
    colours.append(gradient(`heat-${shape.id}`, value));
    glows.append(glow(shape, value));
  }
  layer.append(colours, glows);
}

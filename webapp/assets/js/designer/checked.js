/* A diagram of an upload: every finding marked, the chosen one in the middle. */
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

import { show } from "../diagram/state.js";
import { drawnIn } from "../diagram/drawing.js";
import { frame, zoomBy } from "../diagram/view.js";

const CLOSE = 0.9;

const create = (host) => new NavigatedViewer(drawnIn(host));

/* Errors are red, warnings amber; the chosen element says so in a label of its own. */
function mark(viewer, host, chosen) {
  const marks = JSON.parse(host.dataset.marks || "[]");
  const ids = (severity) => marks.filter((item) => item.severity === severity).map(({ id }) => id);
  const words = document.querySelector(`[data-shape="${CSS.escape(chosen)}"] b`)?.textContent;
  show(viewer, {
    bad: ids("error").map((id) => ({ id, label: id === chosen ? words : "" })),
    timers: ids("warning").map((id) => ({ id, label: id === chosen ? words : "" })),
  });
}

function boxOf({ waypoints, x, y, width, height }) {
  if (!waypoints) return { x: x + width / 2, y: y + height / 2 };
  return waypoints[Math.floor(waypoints.length / 2)];
}

function centre(viewer, host, id) {
  const shape = viewer.get("elementRegistry").get(id);
  if (!shape) return false;
  const { x, y } = boxOf(shape);
  const [width, height] = [host.clientWidth / CLOSE, host.clientHeight / CLOSE];
  viewer.get("canvas").viewbox({ x: x - width / 2, y: y - height / 2, width, height });
  return true;
}

function choose(viewer, host, id) {
  mark(viewer, host, id);
  return centre(viewer, host, id);
}

function serve(viewer, host) {
  document.addEventListener("click", (event) => {
    const { target } = event;
    const link = target.closest("[data-shape]");
    if (link) {
      if (link.hasAttribute("data-stays")) event.preventDefault();
      for (const other of document.querySelectorAll("[data-shape][aria-current]")) other.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
      choose(viewer, host, link.dataset.shape);
    }
    const zoom = target.closest("[data-zoom]")?.dataset.zoom;
    if (zoom === "fit") frame(viewer, host, {});
    else if (zoom) zoomBy(viewer, zoom === "in" ? 1.25 : 0.8);
  });
  viewer.on("element.click", ({ element }) => {
    const link = document.querySelector(`[data-shape="${CSS.escape(element.id)}"]`);
    link?.scrollIntoView({ block: "nearest" });
    link?.click();
  });
}

export async function drawChecked(host) {
  try {
    const answer = await fetch(host.dataset.checked);
    if (!answer.ok) throw new Error(`${host.dataset.checked}: ${answer.status}`);
    const viewer = create(host);
    await viewer.importXML(await answer.text());
    const drawing = host.querySelector(".djs-container svg");
    drawing.setAttribute("aria-hidden", "true");
    drawing.setAttribute("focusable", "false");
    drawing.removeAttribute("tabindex");
    frame(viewer, host, {});
    choose(viewer, host, host.dataset.focus ?? "");
    serve(viewer, host);
    host.dataset.drawn = "yes";
  } catch (error) {
    host.dataset.drawn = "failed"; // its words stay readable
    console.error(error);
  }
}

/* Draws a process with its live state; the page says what by data attributes (see diagram.html). */
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import Viewer from "bpmn-js/lib/Viewer";

import { drawnIn } from "./diagram/drawing.js";
import { show } from "./diagram/state.js";
import { frame, zoomBy } from "./diagram/view.js";

const sources = new Map();

function load(address) {
  if (!sources.has(address)) {
    sources.set(address, fetch(address, { redirect: "error" }).then((answer) => {
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return answer.text();
    }));
  }
  return sources.get(address);
}

function addStyles(address) {
  if (!address || document.querySelector(`link[href="${address}"]`)) return Promise.resolve();
  return new Promise((done) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address });
    link.addEventListener("load", done);
    link.addEventListener("error", done);
    document.head.append(link);
  });
}

function create(host) {
  const external = host.dataset.mode === "strip" ? 13 : 12;
  const Kind = host.dataset.mode === "monitor" ? NavigatedViewer : Viewer;
  return new Kind(drawnIn(host, external));
}

/* The words on the host say it all; the drawing itself is for the eye. */
function hideFromReaders(host) {
  const drawing = host.querySelector(".djs-container svg");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("focusable", "false");
  drawing.removeAttribute("tabindex");
}

const stateOf = (host) => JSON.parse(host.dataset.state || "{}");

/* Nothing when it cannot be had: the next change asks again. */
async function stateNow(address) {
  const asked = { headers: { Accept: "application/json" }, redirect: "error" };
  const answer = await fetch(address, asked).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

function follow(host, viewer) {
  const again = () => {
    show(viewer, stateOf(host));
    if (host.dataset.mode === "strip") frame(viewer, host, stateOf(host));
  };
  new MutationObserver(again).observe(host, { attributeFilter: ["data-state"] });
  let width = host.clientWidth;
  new ResizeObserver(() => {
    if (host.clientWidth === width || host.clientWidth === 0) return;
    width = host.clientWidth;
    frame(viewer, host, stateOf(host));
  }).observe(host);
  const { refresh, event } = host.dataset;
  if (!refresh || !event) return;
  let asked = 0;
  document.body.addEventListener(event, async () => {
    const mine = (asked += 1);
    const state = await stateNow(refresh);
    if (state && mine === asked) host.dataset.state = JSON.stringify(state);
  });
}

function serve(host, viewer) {
  const stage = host.closest("[data-stage]") ?? host;
  stage.addEventListener("click", ({ target }) => {
    const zoom = target.closest("[data-zoom]")?.dataset.zoom;
    if (zoom === "fit") frame(viewer, host, stateOf(host));
    else if (zoom) zoomBy(viewer, zoom === "in" ? 1.25 : 0.8);
  });
  viewer.on("element.click", ({ element }) => {
    host.dispatchEvent(new CustomEvent("diagram:select", { bubbles: true, detail: { id: element.id } }));
  });
}

export async function draw(host) {
  if (host.dataset.drawn !== undefined) return;
  host.dataset.drawn = "";
  try {
    const [xml] = await Promise.all([
      load(host.dataset.diagram),
      addStyles(host.dataset.styles),
      document.fonts.ready,
    ]);
    const viewer = create(host);
    await viewer.importXML(xml);
    hideFromReaders(host);
    show(viewer, stateOf(host));
    frame(viewer, host, stateOf(host));
    follow(host, viewer);
    serve(host, viewer);
    host.dataset.drawn = "yes";
  } catch (error) {
    host.dataset.drawn = "failed"; // its words stay readable
    console.error(error);
  }
}

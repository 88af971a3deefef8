/* Answers that are overtaken: what a part of a page asked for is older than what came since. */
import htmx from "./htmx.js";

const open = new WeakMap(); /* element: the question it waits for */
const isGet = ({ verb }) => verb === "get";

/* A question that had to wait for another asks what its place asks for now. */
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (isGet(detail)) detail.path = detail.elt.getAttribute("hx-get") ?? detail.path;
});

document.addEventListener("htmx:beforeSend", ({ detail: { elt, xhr, requestConfig } }) => {
  if (isGet(requestConfig)) open.set(elt, xhr);
});

/* When a part is drawn anew by another answer, its own would put older things over it: it is given
   up, and the new part asks once more, because what it wanted to hear may be newer after all. */
document.addEventListener("htmx:beforeCleanupElement", ({ target }) => {
  const xhr = open.get(target);
  if (!xhr || xhr.readyState === XMLHttpRequest.DONE) return;
  open.delete(target);
  xhr.abort();
  if (target.id) setTimeout(askAgain, 0, target.id);
});

/* A list that was searched meanwhile asks for something else by now. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { elt, path } = detail.requestConfig;
  if (!isGet(detail.requestConfig) || !elt.id || elt.getAttribute("hx-get") === path) return;
  detail.shouldSwap = false;
  askAgain(elt.id);
});

function askAgain(id) {
  const part = document.getElementById(id);
  const address = part?.getAttribute("hx-get");
  if (address) htmx.ajax("GET", address, { source: part })?.catch(() => {}); // overtaken again
}

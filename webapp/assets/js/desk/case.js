/* The page of a case: tabs asked for from elsewhere, the sheet on phones, and staying where one is. */
import { firstField, open } from "../parts/tabs.js";

const dock = () => document.getElementById("dock");
const chosen = () => dock()?.querySelector('[role="tab"][aria-selected="true"]');
const isShut = (body) => body && body.getClientRects().length === 0;
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));

function raise() {
  if (dock().classList.contains("open")) return;
  dock().querySelector('[data-toggles="dock"]')?.click();
}

/* On a phone the sheet is shut at first: a tab opens it, and so does the button that would send. */
function raiseFor(tab) {
  if (isShut(panelOf(tab)?.querySelector(".dock-body"))) raise();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-tab]");
  const wanted = link && document.getElementById(link.dataset.tab);
  if (wanted) {
    event.preventDefault();
    open(wanted);
    raiseFor(wanted);
    firstField(panelOf(wanted))?.focus();
    return;
  }
  const tab = event.target.closest('#dock [role="tab"]');
  if (tab) raiseFor(tab);
  const send = event.target.closest("#dock .foot .btn.primary");
  if (send && isShut(send.closest(".dock-panel").querySelector(".dock-body"))) {
    event.preventDefault();
    raise();
  }
});

/* What comes by itself leaves the open tab open. */
let tab = "";

document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
  if (target.id === "dock") tab = chosen()?.id ?? "";
});

document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
  const kept = target.id === "dock" && document.getElementById(tab);
  if (kept) open(kept);
});

/* Whoever reads the end of the conversation stays there, whatever grows above or below. */
const talk = document.getElementById("talk");
let isAtEnd = true;

function toEnd() {
  if (isAtEnd) talk.scrollTop = talk.scrollHeight;
}

if (talk) {
  talk.addEventListener("scroll", () => {
    isAtEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40;
  });
  new ResizeObserver(toEnd).observe(talk);
  new MutationObserver(toEnd).observe(talk, { childList: true });
}

/* After sending, the keyboard is back on the tabs instead of nowhere. */
document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
  if (target.id === "dock" && document.activeElement === document.body) chosen()?.focus();
});

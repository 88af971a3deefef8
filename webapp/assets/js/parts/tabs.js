/* Tabs by the pattern of the ARIA guide: arrows move and open, one tab stop for the row. */

const tabsOf = (row) => [...row.querySelectorAll('[role="tab"]')];
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));

export const firstField = (panel) =>
  panel?.querySelector(".editor") ??
  panel?.querySelector("textarea:not([hidden]), input:not([type=hidden]), select");

export function open(tab) {
  for (const other of tabsOf(tab.closest('[role="tablist"]'))) {
    const isChosen = other === tab;
    other.setAttribute("aria-selected", String(isChosen));
    other.tabIndex = isChosen ? 0 : -1;
    panelOf(other)?.toggleAttribute("data-closed", !isChosen);
  }
  tab.dispatchEvent(new CustomEvent("tab:open", { bubbles: true }));
}

function step(tab, key) {
  const all = tabsOf(tab.closest('[role="tablist"]'));
  const at = all.indexOf(tab);
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[key];
  return next === undefined ? null : all.at(next % all.length);
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest('[data-tabs] [role="tab"]');
  if (!tab) return;
  open(tab);
  if (event.detail === 0) firstField(panelOf(tab))?.focus();
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.('[data-tabs] [role="tab"]');
  const next = tab && step(tab, event.key);
  if (!next) return;
  event.preventDefault();
  open(next);
  next.focus();
});

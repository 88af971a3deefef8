/* Keyboard shortcuts: `data-key` on a link, button, tab or field names its key ("r", "g i"). */

const LEADERS = new Set(["g"]);
const PATIENCE = 1200;

let leader = "";
let timer = 0;

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]");

function press(element) {
  if (element.matches("input, textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

const seen = (element) => element.getClientRects().length > 0;

function find(keys) {
  return [...document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].find(seen);
}

/* j and k move through the links of the list that says data-key-list. */
function move(step) {
  const rows = [...document.querySelectorAll("[data-key-list] a[href]")].filter(seen);
  if (rows.length === 0) return;
  const current = rows.findIndex((row) => row === document.activeElement);
  const chosen = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const from = current >= 0 ? current : chosen;
  const next = from < 0 ? 0 : Math.min(Math.max(from + step, 0), rows.length - 1);
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
}

const BUILT_IN = {
  j: () => move(1),
  k: () => move(-1),
  o: () => document.activeElement?.closest("[data-key-list] a[href]")?.click(),
  "?": () => document.getElementById("help")?.showModal(),
};

function combine(key) {
  clearTimeout(timer);
  const keys = leader ? `${leader} ${key}` : key;
  leader = "";
  if (LEADERS.has(keys)) {
    leader = keys;
    timer = setTimeout(() => (leader = ""), PATIENCE);
  }
  return keys;
}

function sendForm(event) {
  const form = event.target.form ?? event.target.closest?.("form");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector(".btn.primary") ?? document.querySelector(`.btn.primary[form="${form.id}"]`));
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return sendForm(event);
  if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open], form[inert]")) return;
  const keys = combine(event.key);
  const element = find(keys);
  const action = element ? () => press(element) : BUILT_IN[keys];
  if (!action) return;
  event.preventDefault();
  action();
});

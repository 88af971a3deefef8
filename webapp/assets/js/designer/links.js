/* A click on a shape follows the link that names it: data-element. */

document.addEventListener("diagram:select", ({ detail }) => {
  document.querySelector(`[data-element="${CSS.escape(detail.id)}"]`)?.click();
});

/* Shapes that lead somewhere show it. */
function mark(host) {
  for (const link of document.querySelectorAll("[data-element]")) {
    const shape = host.querySelector(`[data-element-id="${CSS.escape(link.dataset.element)}"]`);
    shape?.classList.add("leads");
  }
}

const watcher = new MutationObserver((changes) => {
  for (const { target } of changes) if (target.dataset.drawn === "yes") mark(target);
});

for (const host of document.querySelectorAll("[data-diagram]")) {
  if (host.dataset.drawn === "yes") mark(host);
  watcher.observe(host, { attributeFilter: ["data-drawn"] });
}

/* A link that also opens a dialog here need not lead away. */
document.addEventListener("click", (event) => {
  if (event.target.closest("a[data-opens]")) event.preventDefault();
});

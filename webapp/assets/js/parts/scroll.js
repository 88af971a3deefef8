/* Lists stay where they were from page to page; conversations open at their end. */

const keyOf = (box) => `scroll:${box.dataset.keepScroll}`;

function place(root) {
  for (const box of root.querySelectorAll("[data-scroll-end]")) box.scrollTop = box.scrollHeight;
  for (const box of root.querySelectorAll("[data-keep-scroll]")) {
    box.scrollTop = Number(sessionStorage.getItem(keyOf(box)) ?? 0);
    box.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }
}

place(document);
document.addEventListener("htmx:afterSwap", ({ detail }) => place(detail.target));
window.addEventListener("pagehide", () => {
  for (const box of document.querySelectorAll("[data-keep-scroll]")) {
    sessionStorage.setItem(keyOf(box), String(box.scrollTop));
  }
});

/* Fetches the drawing library only when a diagram comes into view. */

const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    import("../diagram.js").then(({ draw }) => draw(target));
  }
}, { rootMargin: "200px" });

const watch = (root) => {
  for (const host of root.querySelectorAll("[data-diagram]:not([data-drawn])")) watcher.observe(host);
};

watch(document);
document.addEventListener("htmx:load", ({ target }) => watch(target.parentElement ?? document));

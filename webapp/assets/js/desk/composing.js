/* Writing to the customer: what is fetched only when somebody writes, and the seconds to undo. */

const wanted = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    wanted.unobserve(target);
    import("./editor.js").then(({ edit }) => edit(target));
  }
});

function watch(root) {
  for (const box of root.querySelectorAll("[data-composer]:not([data-ready-to-write])")) wanted.observe(box);
  count();
}

/* Ready texts, by their button or by typing a slash. */
document.addEventListener("focusin", ({ target }) => {
  if (!target.matches("#dock textarea, #dock [data-inserts], #dock .ready select")) return;
  import("./ready.js").then(({ help }) => help(target));
});

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-adds]");
  if (add) return addTo(document.getElementById(add.dataset.to), add.dataset.adds);
  const button = event.target.closest("[data-inserts]");
  if (!button) return;
  event.preventDefault();
  import("./ready.js").then(({ insertChosen }) => insertChosen(button));
});

function addTo(field, address) {
  const known = field.value.split(/[,;]\s*/).filter(Boolean);
  if (!known.includes(address)) field.value = [...known, address].join(", ");
  field.focus();
}

/* How long a reply can still be taken back; afterwards the button is gone. */
function count() {
  for (const form of document.querySelectorAll("[data-leaves]")) {
    const left = Math.ceil((Date.parse(form.dataset.leaves) - Date.now()) / 1000);
    if (left <= 0) (form.closest(".held-back") ?? form).remove();
    else form.querySelector("[data-left]").textContent = left;
  }
}

setInterval(count, 250);
watch(document);
document.addEventListener("htmx:load", ({ target }) => watch(target.parentElement ?? document));

/* Text boxes that grow with their text, and buttons that fill in a field. */

const growsByItself = CSS.supports("field-sizing", "content");

function grow(box) {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}

if (!growsByItself) {
  document.addEventListener("input", ({ target }) => target.matches("textarea.in") && grow(target));
}

function fill(name, value) {
  const field = document.querySelector(`[name="${CSS.escape(name)}"]`);
  if (field) field.value = value;
  return field;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-fill]");
  if (!button) return;
  const { fill: name, value, also, alsoValue } = button.dataset;
  const field = fill(name, value);
  if (also) fill(also, alsoValue);
  field?.form?.querySelector(".btn.primary")?.focus();
});

/* A select that drives others sends its form at once: data-sends. */
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-sends]")) target.form?.requestSubmit();
});

/* A choice that changes what else is asked fetches the form anew. Whoever sends the form before
   that answer is there has said all they wanted: the fetch is given up, the sending goes first. */
const isRefresh = ({ detail }) => detail.elt.form && detail.elt.matches("[hx-vals*=_refresh]");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isRefresh(event)) event.detail.elt.form.dataset.refreshing = "";
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (isRefresh(event)) delete event.detail.elt.form.dataset.refreshing;
});

document.addEventListener(
  "submit",
  ({ target }) => {
    if (!("refreshing" in target.dataset)) return;
    target.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true, detail: { elt: target } }));
  },
  true,
);

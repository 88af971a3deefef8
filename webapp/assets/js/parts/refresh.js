/* A choice that changes what else is asked fetches the form anew. */

const isRefresh = ({ detail }) => detail.elt.form && detail.elt.matches("[hx-vals*=_refresh]");
const isTicked = ({ type }) => type === "checkbox" || type === "radio";
const entered = (field) => (isTicked(field) ? field.checked : field.value);
const isOffered = (field, value) =>
  field.localName !== "select" || [...field.options].some((option) => option.value === value);

const asked = new WeakMap(); /* request: what stood in each field */
const since = new WeakMap(); /* request: what was entered while its answer was on its way */

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!isRefresh(event)) return;
  const { elt, xhr } = event.detail;
  elt.form.dataset.refreshing = "";
  const fields = [...elt.form.elements].filter(({ type }) => type !== "file"); // chosen files stay
  asked.set(xhr, new Map(fields.map((field) => [field, entered(field)])));
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (isRefresh(event)) delete event.detail.elt.form.dataset.refreshing;
});

/* The answer does not know what was entered since it was asked for: that is put in again. */
document.addEventListener("htmx:beforeSwap", ({ detail: { xhr } }) => {
  const changed = [...(asked.get(xhr) ?? [])].filter(([field, before]) => entered(field) !== before);
  since.set(xhr, changed.map(([field]) => [field, entered(field)]));
});

document.addEventListener("htmx:afterSwap", ({ detail: { xhr } }) => {
  for (const [field, value] of since.get(xhr) ?? []) {
    if (isTicked(field)) field.checked = value;
    else if (isOffered(field, value)) field.value = value;
  }
  since.delete(xhr);
});

/* Whoever sends the form before that answer is there has said all they wanted: the fetch is given
   up, the sending goes first. */
document.addEventListener(
  "submit",
  ({ target }) => {
    if (!("refreshing" in target.dataset)) return;
    target.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true, detail: { elt: target } }));
  },
  true,
);

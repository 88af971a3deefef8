/* A form that is being sent takes nothing more until the answer is there: what somebody typed into
   it meanwhile would go with it, and what they pressed twice would be done twice. */

const places = new WeakMap(); /* form: where its writer was */

const isSent = ({ detail: { elt, requestConfig } }) =>
  elt.matches("form[hx-post]") && requestConfig.triggeringEvent?.type === "submit";

document.addEventListener("htmx:beforeSend", (event) => {
  if (!isSent(event)) return;
  const form = event.detail.elt;
  const field = document.activeElement;
  if (form.contains(field)) {
    places.set(form, field);
    field.blur();
  }
  form.inert = true;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!isSent(event)) return;
  const form = event.detail.elt;
  form.inert = false;
  if (document.activeElement === document.body) places.get(form)?.focus();
  places.delete(form);
});

/* So is one that is sent without a script of ours, until its page goes; an answer that never comes
   lets it be sent again. */
const PATIENCE = 15000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]")) return;
  if ("sent" in form.dataset) return event.preventDefault();
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, PATIENCE);
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

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

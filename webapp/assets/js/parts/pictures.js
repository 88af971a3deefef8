/* A picture of a file is looked at in a dialog; without this, or with a key held, on its own page. */
import { word } from "./words.js";

function dialogOf(link) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog look-dialog";
  const head = document.createElement("div");
  head.className = "dialog-head";
  const title = document.createElement("h2");
  title.id = "look-title";
  title.textContent = link.dataset.name;
  dialog.setAttribute("aria-labelledby", title.id);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn ghost icon sm";
  close.textContent = "×";
  close.setAttribute("aria-label", word("dismiss"));
  close.addEventListener("click", () => dialog.close());
  const picture = document.createElement("img");
  picture.className = "look-picture";
  picture.src = link.dataset.look;
  picture.alt = link.dataset.name;
  head.append(title, close);
  dialog.append(head, picture);
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  return dialog;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-look]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const dialog = dialogOf(link);
  document.body.append(dialog);
  dialog.showModal();
});

/* Dialogs, menus, drawers, and questions before something is done for good. */

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const toggler = event.target.closest("[data-toggles]");
  if (toggler) toggle(toggler);
  if (event.target.matches("dialog[open]")) event.target.close(); // its backdrop
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

/* A drawer or a sheet: the button names it, `open` shows it. */
function toggle(button) {
  const part = document.getElementById(button.dataset.toggles);
  const isOpen = part?.classList.toggle("open") ?? false;
  for (const other of document.querySelectorAll(`[data-toggles="${button.dataset.toggles}"]`)) {
    other.setAttribute("aria-expanded", String(isOpen));
  }
}

function shut(part) {
  const button = document.querySelector(`[data-toggles="${part.id}"]`);
  toggle(button);
  button.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  const drawer = event.target.closest?.(".open[id]");
  if (drawer && document.querySelector(`[data-toggles="${drawer.id}"]`)) shut(drawer);
});

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

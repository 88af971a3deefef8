/* The page of a mail: tells colleagues who looks at it, while the tab is seen and when it goes. */
import { token } from "../parts/requests.js";

const TELL_EVERY = 25000;

const place = () => document.querySelector("[data-looks]");

function tell() {
  if (place() && !document.hidden) document.body.dispatchEvent(new CustomEvent("mail:look"));
}

function leave() {
  const address = place()?.dataset.looks;
  if (!address) return;
  navigator.sendBeacon(address, new URLSearchParams({ leaves: "1", csrf_token: token() }));
}

if (place()) {
  setInterval(tell, TELL_EVERY);
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : tell()));
  window.addEventListener("pagehide", leave);
}

/* In a conversation a mail is shown as it was sent only when somebody asks, and in its place. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-shows-mail]");
  const box = link && document.getElementById(link.dataset.showsMail);
  if (!box) return;
  event.preventDefault();
  const isShown = box.hasChildNodes();
  link.setAttribute("aria-expanded", String(!isShown));
  box.replaceChildren(...(isShown ? [] : [frame(link.dataset)]));
});

function frame({ src, title, sandbox }) {
  const made = document.createElement("iframe");
  Object.assign(made, { className: "mail-frame", src, title, tabIndex: 0 });
  made.setAttribute("sandbox", sandbox);
  return made;
}

/* The search for a case is where one wants to be once it is open. */
document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
  if (target.id === "sheet") document.querySelector("#linking [type=search]")?.focus();
});

/* Lines in the corner about what just happened. */
import { word } from "./words.js";

const STAY = 8000;

const corner = () => document.getElementById("toasts");

export function toast(text, tone = "ok") {
  const line = document.createElement("div");
  line.className = `toast ${tone}`;
  line.setAttribute("role", tone === "bad" ? "alert" : "status");
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = text;
  const close = document.createElement("button");
  close.className = "btn ghost icon sm";
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", word("dismiss"));
  close.textContent = "×";
  line.append(words, close);
  corner()?.append(line);
}

/* Good news leaves by itself, unless somebody is reading it; bad news stays. */
function leave(line) {
  if (!line.isConnected) return;
  if (line.matches(":hover, :focus-within")) setTimeout(leave, STAY, line);
  else line.remove();
}

const fades = (line) => line.matches?.(".toast:not(.bad)") && setTimeout(leave, STAY, line);

/* A page that asks by itself says once that nobody answers, however often it asks. */
function standsAlone(line) {
  if (!line.matches?.(".toast.bad")) return;
  for (const other of corner().querySelectorAll(".toast.bad")) {
    if (other !== line && other.textContent.trim() === line.textContent.trim()) other.remove();
  }
}

document.addEventListener("click", ({ target }) => {
  target.closest("[data-dismiss]")?.closest(".toast, .notice")?.remove();
});

if (corner()) {
  [...corner().children].forEach(fades);
  new MutationObserver((changes) =>
    changes.forEach(({ addedNodes }) =>
      addedNodes.forEach((line) => {
        fades(line);
        standsAlone(line);
      }),
    ),
  ).observe(corner(), { childList: true });
}

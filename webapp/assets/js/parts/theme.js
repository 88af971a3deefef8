/* Light or dark at one press; the server keeps it, by person or by cookie. */
import { token } from "./requests.js";
import { toast } from "./toasts.js";
import { word } from "./words.js";

const root = document.documentElement;

const isDark = () =>
  root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-theme-switch]");
  if (!button) return;
  root.dataset.theme = isDark() ? "light" : "dark";
  const body = new URLSearchParams({ theme: root.dataset.theme, csrf_token: token() });
  fetch(button.dataset.themeSwitch, { method: "POST", body }).catch(() => toast(word("away"), "bad"));
});

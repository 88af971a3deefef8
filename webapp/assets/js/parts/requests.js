/* Requests by script: the token against forgery, and what happens to refusals. */
import { toast } from "./toasts.js";
import { word } from "./words.js";

const EXPECTED = new Set([409, 422, 429]); // answers that bring their own fragment

export const token = () =>
  document.querySelector('meta[name="csrf-token"]')?.content ??
  document.querySelector('input[name="csrf_token"]')?.value ??
  "";

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = token();
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { status } = detail.xhr;
  const told = EXPECTED.has(status) || detail.xhr.getResponseHeader("HX-Retarget");
  if (status < 400 || told) return;
  detail.shouldSwap = false;
  toast(word("failed"), "bad");
});

document.addEventListener("htmx:sendError", () => toast(word("away"), "bad"));

/* Requests by script: the token against forgery, and what happens to refusals. */
import { toast } from "./toasts.js";
import { word } from "./words.js";

const EXPECTED = new Set([409, 422, 429]); // answers that bring their own fragment

export const token = () =>
  document.querySelector('meta[name="csrf-token"]')?.content ??
  document.querySelector('input[name="csrf_token"]')?.value ??
  "";

/* Whoever has signed in again since the page was loaded is told a new token with the refusal. */
export function renew(request) {
  const fresh = request.getResponseHeader("X-CSRFToken");
  if (!fresh) return;
  document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", fresh);
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = fresh;
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = token();
});

/* While an answer is on its way, its place may be drawn anew: it goes to the one that stands there
   now. htmx looks at the old one only, and what was said about the sending would come nowhere. */
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const { xhr } = detail;
  xhr.addEventListener("readystatechange", () => {
    if (xhr.readyState !== XMLHttpRequest.DONE || detail.target.isConnected) return;
    detail.target = document.getElementById(detail.target.id) ?? detail.target;
  });
});

document.addEventListener("htmx:afterRequest", ({ detail }) => renew(detail.xhr));

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { status } = detail.xhr;
  const told = EXPECTED.has(status) || detail.xhr.getResponseHeader("HX-Retarget");
  if (status < 400 || told) return;
  detail.shouldSwap = false;
  toast(word("failed"), "bad");
});

document.addEventListener("htmx:sendError", () => toast(word("away"), "bad"));

/* Ready texts: chosen from the list, or by typing a slash where one writes. */
import { toast } from "../parts/toasts.js";
import { word } from "../parts/words.js";

const list = () => document.querySelector(".ready select");
const choices = () => [...(list()?.options ?? [])].filter(({ value }) => value);

async function fetched(number) {
  const place = document.querySelector("[data-ready]").dataset.ready.replace(/0$/, number);
  const language = document.getElementById("reply-language")?.value ?? "";
  try {
    const answer = await fetch(`${place}?language=${language}`, { redirect: "manual" });
    if (answer.ok) return await answer.text();
    toast(word("failed"), "bad");
  } catch {
    toast(word("away"), "bad");
  }
  return "";
}

/* A plain text box; the editor brings hands of its own. `mark` remembers the last characters before
   the caret; what it returns puts a text in their place, wherever somebody writes by then. */
const inTextBox = (box) => ({
  before: () => box.value.slice(0, box.selectionStart),
  mark(length) {
    const end = box.selectionStart;
    const marked = box.value.slice(0, end);
    return (text) => {
      const isThere = box.value.startsWith(marked);
      const at = isThere ? end : box.selectionStart;
      const goesOn = box.selectionStart > at;
      box.setRangeText(text, isThere ? at - length : at, at, goesOn ? "preserve" : "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    };
  },
});

const helped = new WeakMap();

export function help(target) {
  document.querySelectorAll("[data-slash]").forEach((hint) => (hint.hidden = false));
  if (target.matches("textarea") && choices().length) slash(target, inTextBox(target));
}

export async function insertChosen(button) {
  const select = button.closest(".ready").querySelector("select");
  const box = boxFor(button);
  if (!select.value || !box) return select.focus();
  if (!helped.has(box)) slash(box, inTextBox(box));
  const put = helped.get(box).mark(0);
  const text = await fetched(select.value);
  if (text) put(text);
}

function boxFor(button) {
  const panel = button.closest(".dock-panel");
  return panel.querySelector(".editor, textarea:not([hidden])");
}

export function slash(box, hands) {
  if (helped.has(box)) return;
  helped.set(box, hands);
  let menu = null;
  const typed = () => /(?:^|\s)\/([\p{L}\p{N}-]{0,30})$/u.exec(hands.before());
  const shut = () => {
    menu?.remove();
    menu = null;
    box.removeAttribute("aria-activedescendant");
    box.removeAttribute("aria-controls");
  };
  const choose = async (option) => {
    const number = option.dataset.number;
    const length = (typed()?.[1].length ?? -1) + 1;
    shut();
    const put = hands.mark(length);
    const text = await fetched(number);
    if (text) put(text);
  };
  const offer = () => {
    const asked = typed();
    shut();
    const found = asked ? matching(asked[1]) : [];
    if (!found.length) return;
    menu = drawn(found, choose);
    box.after(menu);
    box.setAttribute("aria-controls", menu.id);
    mark(box, menu, 0);
  };
  box.addEventListener("input", offer);
  if (document.activeElement === box) offer(); // what was typed before this script was there
  box.addEventListener("keydown", (event) => {
    if (menu && press(event, { box, menu, choose, shut })) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
  box.addEventListener("blur", () => setTimeout(shut, 200));
}

function matching(words) {
  const wanted = words.toLowerCase();
  const place = ({ text }) => text.toLowerCase().indexOf(wanted);
  return choices().filter((option) => place(option) >= 0).sort((a, b) => place(a) - place(b)).slice(0, 8);
}

function drawn(found, choose) {
  const menu = document.createElement("ul");
  menu.className = "slash";
  menu.id = "slash-menu";
  menu.setAttribute("role", "listbox");
  menu.setAttribute("aria-label", list().labels[0]?.textContent ?? "");
  found.forEach(({ value, text }, at) => {
    const option = menu.appendChild(document.createElement("li"));
    Object.assign(option, { id: `slash-${at}`, textContent: text });
    option.setAttribute("role", "option");
    option.dataset.number = value;
    option.addEventListener("mousedown", (event) => {
      event.preventDefault();
      choose(option);
    });
  });
  return menu;
}

function mark(box, menu, at) {
  [...menu.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
  box.setAttribute("aria-activedescendant", menu.children[at].id);
}

function press(event, { box, menu, choose, shut }) {
  const options = [...menu.children];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(box, menu, (at + step + options.length) % options.length);
  else if (event.key === "Enter" || event.key === "Tab") choose(options[at]);
  else if (event.key === "Escape") shut();
  else return false;
  return true;
}

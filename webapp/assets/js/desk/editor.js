/* The editor of a reply: bold, italic, lists, quote, link. Sends HTML beside the plain text. */
import Squire from "squire-rte";
import { clean, paragraphs } from "./clean.js";
import { slash } from "./ready.js";

const TOOLS = [
  { name: "bold", sign: "B", tag: "B", on: (e) => e.bold(), off: (e) => e.removeBold() },
  { name: "italic", sign: "I", tag: "I", on: (e) => e.italic(), off: (e) => e.removeItalic() },
  { name: "bullets", sign: "•", tag: "UL", on: (e) => e.makeUnorderedList(), off: (e) => e.removeList() },
  { name: "numbers", sign: "1.", tag: "OL", on: (e) => e.makeOrderedList(), off: (e) => e.removeList() },
  { name: "quote", sign: "”", tag: "BLOCKQUOTE", on: (e) => e.increaseQuoteLevel(), off: (e) => e.decreaseQuoteLevel() },
  { name: "link", sign: "↗", tag: "A", off: (e) => e.removeLink() },
];

export function edit(box) {
  if ("readyToWrite" in box.dataset) return;
  box.dataset.readyToWrite = "";
  const words = JSON.parse(box.dataset.words);
  const source = box.querySelector("textarea");
  const wasIn = document.activeElement === source;
  const root = surface(box, source);
  const editor = new Squire(root, { blockTag: "P", sanitizeToDOMFragment: clean });
  fill(editor, box.dataset.html, source.value);
  const sent = box.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "html" }));
  const bar = toolbar(editor, words);
  root.before(bar);
  const carry = () => {
    source.value = root.innerText.trim();
    sent.value = source.value ? editor.getHTML() : "";
  };
  editor.addEventListener("input", carry);
  for (const event of ["pathChange", "select", "cursor"]) editor.addEventListener(event, () => show(bar, editor));
  carry();
  slash(root, inEditor(editor));
  root.editor = editor;
  if (!wasIn && !root.hasAttribute("autofocus")) return;
  editor.focus();
  editor.moveCursorToEnd();
}

/* What the textarea was to people and their helpers, the surface is now. */
function surface(box, source) {
  const label = box.querySelector(`label[for="${source.id}"]`);
  const root = document.createElement("div");
  root.className = "in editor";
  for (const [name, value] of Object.entries({
    role: "textbox",
    "aria-multiline": "true",
    "aria-required": "true",
    "aria-describedby": source.getAttribute("aria-describedby"),
    "aria-invalid": source.getAttribute("aria-invalid"),
    autofocus: source.getAttribute("autofocus"),
    "data-placeholder": source.placeholder,
  })) {
    if (value !== null) root.setAttribute(name, value);
  }
  label.id ||= `${source.id}-label`;
  root.setAttribute("aria-labelledby", label.id);
  label.addEventListener("click", () => root.focus());
  source.hidden = true;
  source.after(root);
  return root;
}

/* The space somebody has just typed may not collapse: they write on while the editor comes. */
function fill(editor, html, text) {
  editor.setHTML(html || (text ? paragraphs(text.replace(/ $/, "\u00a0")) : ""));
  editor.moveCursorToEnd();
}

function toolbar(editor, words) {
  const bar = document.createElement("div");
  bar.className = "pen";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", words.tools);
  const address = asks(editor, words);
  bar.append(...TOOLS.map((tool, at) => button(tool, at, editor, words, address)), address.row);
  bar.addEventListener("keydown", (event) => walk(bar, event));
  return bar;
}

function button(tool, at, editor, words, address) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn ghost sm pen-tool ${tool.name}`;
  made.tabIndex = at === 0 ? 0 : -1;
  made.textContent = tool.sign;
  made.dataset.tag = tool.tag;
  made.title = words[tool.name];
  made.setAttribute("aria-label", words[tool.name]);
  made.setAttribute("aria-pressed", "false");
  made.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
  made.addEventListener("click", () => {
    const isOn = made.getAttribute("aria-pressed") === "true";
    if (!isOn && !tool.on) return address.open();
    (isOn ? tool.off : tool.on)(editor);
    editor.focus();
  });
  return made;
}

/* The address of a link is asked for beside the buttons. */
function asks(editor, words) {
  const row = document.createElement("span");
  row.className = "pen-address";
  row.hidden = true;
  const field = row.appendChild(document.createElement("input"));
  field.className = "in";
  field.type = "url";
  field.placeholder = "https://";
  field.setAttribute("aria-label", words.address);
  const shut = () => {
    row.hidden = true;
    editor.focus();
  };
  field.addEventListener("keydown", (event) => {
    if (!["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    shut();
    const text = field.value.trim();
    if (event.key === "Enter" && text) editor.makeLink(/^(https?:|mailto:)/i.test(text) ? text : `https://${text}`);
  });
  const open = () => {
    row.hidden = false;
    field.value = "";
    field.focus();
  };
  return { row, open };
}

/* The buttons are one stop of the Tab key; arrows go from one to the next. */
function walk(bar, event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const buttons = [...bar.querySelectorAll("button")];
  const at = buttons.indexOf(event.target);
  if (!step || at < 0) return;
  event.preventDefault();
  const next = buttons[(at + step + buttons.length) % buttons.length];
  for (const each of buttons) each.tabIndex = each === next ? 0 : -1;
  next.focus();
}

function show(bar, editor) {
  for (const each of bar.querySelectorAll("button")) {
    each.setAttribute("aria-pressed", String(editor.hasFormat(each.dataset.tag)));
  }
}

/* A sign where somebody writes by now, if that is not where the text goes; it moves with its words. */
function caret(editor, place) {
  const now = editor.getSelection();
  if (now.compareBoundaryPoints(Range.END_TO_END, place) === 0) return null;
  const sign = document.createElement("span");
  now.insertNode(sign);
  return sign;
}

function comeBack(editor, sign) {
  const range = document.createRange();
  range.setStartBefore(sign);
  sign.remove();
  editor.setSelection(range);
}

/* How a ready text gets into the editor. */
function inEditor(editor) {
  return {
    before() {
      const { startContainer: node, startOffset } = editor.getSelection();
      return node.nodeType === Node.TEXT_NODE ? node.data.slice(0, startOffset) : "";
    },
    mark(length) {
      const range = editor.getSelection();
      if (length) range.setStart(range.startContainer, range.startOffset - length);
      const marked = range.toString();
      return (text) => {
        const here = caret(editor, range);
        if (range.toString() === marked) range.deleteContents();
        editor.setSelection(range);
        editor.insertHTML(paragraphs(text));
        if (here) comeBack(editor, here);
        editor.focus();
      };
    },
  };
}

/* Files of a form: each is sent as soon as it is chosen or dropped, and its line in the form says
   what became of it. Without this the plain file field goes along with the form. */
import { renew, token } from "./requests.js";

const sending = new WeakMap(); /* form: how many are on their way, and what to do then */
const boxOf = (element) => element.closest?.("[data-files]");
const inForm = (element) => element.closest?.("form")?.querySelector("[data-files]");
const told = (box, what, file) => (box.dataset[what] ?? "").replace("{name}", file?.name ?? "");

function say(box, words) {
  box.querySelector("[data-said]").textContent = words;
}

function complain(box, words) {
  const line = box.querySelector("[data-problem]");
  line.setAttribute("role", "alert");
  line.textContent = words;
}

function add(box, files) {
  complain(box, "");
  for (const file of files) {
    const count = box.querySelectorAll(".file").length;
    if (count >= Number(box.dataset.mostFiles)) return complain(box, told(box, "tooMany"));
    if (file.size > Number(box.dataset.mostBytes)) complain(box, told(box, "tooLarge", file));
    else send(box, file);
  }
}

function lineOf(box, file, stop) {
  const line = document.createElement("li");
  line.className = "file sending";
  const name = document.createElement("span");
  name.className = "clip";
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", told(box, "waiting", file));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn ghost icon sm";
  button.textContent = "×";
  button.setAttribute("aria-label", told(box, "stop", file));
  button.addEventListener("click", stop);
  line.append(name, bar, button);
  return { line, bar };
}

function send(box, file) {
  const request = new XMLHttpRequest();
  const { line, bar } = lineOf(box, file, () => request.abort());
  const done = begin(box.closest("form"));
  box.querySelector(".files").append(line);
  say(box, told(box, "waiting", file));
  request.open("POST", box.dataset.to);
  request.setRequestHeader("X-CSRFToken", token());
  request.setRequestHeader("Accept", "text/html");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => finish(box, file, line, request));
  request.addEventListener("error", () => fail(box, line, told(box, "failed", file)));
  request.addEventListener("abort", () => line.remove());
  request.addEventListener("loadend", done);
  const body = new FormData();
  body.append("files", file);
  request.send(body);
}

function finish(box, file, line, request) {
  renew(request);
  if (request.status === 201) {
    if (!line.isConnected) boxNow(box).querySelector(".files").append(line);
    line.outerHTML = request.responseText.trim();
    say(box, told(box, "there", file));
    return;
  }
  const isSentence = request.getResponseHeader("Content-Type")?.startsWith("text/plain");
  fail(box, line, isSentence ? request.responseText : told(box, "failed", file));
}

/* The form may have been drawn anew while the file was on its way. */
function boxNow(box) {
  const field = box.querySelector("input[type=file]");
  return box.isConnected ? box : boxOf(document.getElementById(field.id) ?? field);
}

function fail(box, line, words) {
  line.remove();
  complain(box, words);
}

/* A form that is sent while files are on their way waits for them; its button may be drawn anew
   until then. */
function begin(form) {
  const state = sending.get(form) ?? { count: 0, then: null };
  sending.set(form, state);
  state.count += 1;
  return () => {
    state.count -= 1;
    if (state.count > 0 || !state.then) return;
    const go = state.then;
    state.then = null;
    if (!form.querySelector("[data-problem]:not(:empty)")) go();
  };
}

document.addEventListener(
  "submit",
  (event) => {
    const state = sending.get(event.target);
    if (!state?.count) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter, target } = event;
    state.then = () => target.requestSubmit(submitter?.form === target ? submitter : null);
  },
  true,
);

document.addEventListener("change", ({ target }) => {
  const box = boxOf(target);
  if (!box || target.type !== "file") return;
  const files = [...target.files];
  target.value = "";
  add(box, files);
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-removes-file]");
  if (!button) return;
  const box = boxOf(button);
  const line = button.closest(".file");
  say(box, told(box, "gone", { name: line.querySelector(".clip").textContent }));
  line.remove();
  box.querySelector("input[type=file]").focus();
});

const brings = (event) => event.dataTransfer?.types.includes("Files") && inForm(event.target);

document.addEventListener("dragover", (event) => {
  const box = brings(event);
  if (!box) return;
  event.preventDefault();
  box.classList.add("dropping");
});

document.addEventListener("dragleave", ({ target, relatedTarget }) => {
  const box = inForm(target);
  if (box && inForm(relatedTarget ?? document.body) !== box) box.classList.remove("dropping");
});

document.addEventListener("drop", (event) => {
  const box = brings(event);
  if (!box) return;
  event.preventDefault();
  box.classList.remove("dropping");
  add(box, [...event.dataTransfer.files]);
});

/* Keeps of foreign HTML only what a mail of ours may hold; the server does the same once more. */

const KEPT = new Set(["B", "STRONG", "I", "EM", "U", "A", "P", "BR", "UL", "OL", "LI", "BLOCKQUOTE"]);
const BLOCKS = new Set(["DIV", "SECTION", "ARTICLE", "H1", "H2", "H3", "H4", "H5", "H6", "TR", "PRE"]);
const DROPPED = new Set(["SCRIPT", "STYLE", "TEMPLATE", "TITLE", "HEAD", "OBJECT", "IFRAME", "SVG", "MATH"]);
const STYLES = /\sstyle\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi;
const DEEPEST = 40;

const holdsBlocks = (node) => [...node.children].some(({ tagName }) => BLOCKS.has(tagName) || tagName === "P");

function nameOf(node) {
  if (KEPT.has(node.tagName)) return node.tagName;
  return BLOCKS.has(node.tagName) && !holdsBlocks(node) ? "P" : "";
}

function link(element, node) {
  const address = node.getAttribute("href") ?? "";
  if (/^(https?:|mailto:)/i.test(address)) element.setAttribute("href", address);
}

function copy(from, to, depth) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.tagName.toUpperCase())) continue;
    const name = depth < DEEPEST ? nameOf(node) : "";
    const place = name ? to.appendChild(document.createElement(name)) : to;
    if (name === "A") link(place, node);
    copy(node, place, name ? depth + 1 : depth);
  }
}

export function clean(html) {
  const foreign = new DOMParser().parseFromString(html.replace(STYLES, " "), "text/html");
  const fragment = document.createDocumentFragment();
  copy(foreign.body, fragment, 0);
  return fragment;
}

/* Plain text as paragraphs with line ends. */
export function paragraphs(text) {
  const box = document.createElement("div");
  for (const part of text.split(/\n\s*\n/)) {
    const paragraph = box.appendChild(document.createElement("p"));
    part.split("\n").forEach((line, at) => paragraph.append(...(at ? [document.createElement("br")] : []), line));
  }
  return box.innerHTML;
}

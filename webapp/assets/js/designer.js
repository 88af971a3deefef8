/* Diagrams one can work with: shapes lead to links, findings lead to shapes. */
import "./designer/links.js";

for (const host of document.querySelectorAll("[data-checked]")) {
  import("./designer/checked.js").then(({ drawChecked }) => drawChecked(host));
}

/* Diagrams one can work with: shapes lead to links, findings lead to shapes. */
import "./designer/links.js";

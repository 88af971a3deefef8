/* What a morph leaves alone: drawn diagrams (only their state moves on) and the field in use. */
import { Idiomorph } from "idiomorph/htmx";

Idiomorph.defaults.ignoreActiveValue = true;

Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
  const isDrawn = old.dataset?.diagram !== undefined && old.dataset.diagram === fresh.dataset?.diagram;
  if (!isDrawn) return true;
  old.setAttribute("aria-label", fresh.getAttribute("aria-label"));
  old.dataset.state = fresh.dataset.state;
  return false;
};

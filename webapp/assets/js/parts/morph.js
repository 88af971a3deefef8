/* What a morph leaves alone: drawn diagrams (only their state moves on), the field in use, what is
   chosen and not sent yet in a list that says data-stays, what the reader has opened, and what was
   fetched into a place that says data-keeps. */
import { Idiomorph } from "idiomorph/htmx";

Idiomorph.defaults.ignoreActiveValue = true;

function isChosen(list, fresh) {
  const isTouched = [...list.options].some((each) => each.selected !== each.defaultSelected);
  return isTouched && list.value !== fresh.value;
}

Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
  if (old.dataset?.keeps !== undefined) return false;
  if (old.dataset?.stays !== undefined && isChosen(old, fresh)) return false;
  const isDrawn = old.dataset?.diagram !== undefined && old.dataset.diagram === fresh.dataset?.diagram;
  if (!isDrawn) return true;
  old.setAttribute("aria-label", fresh.getAttribute("aria-label"));
  old.dataset.state = fresh.dataset.state;
  return false;
};

/* The ready texts on offer stand beside the box one writes in; the server knows nothing of them. */
Idiomorph.defaults.callbacks.beforeNodeRemoved = (node) => !node.matches?.(".slash");

Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
  !(name === "open" && node.localName === "details");

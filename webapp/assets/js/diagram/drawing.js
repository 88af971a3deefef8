/* How every drawing looks: colours of the page, the font of the place it stands in. */

export function drawnIn(host, external = 12) {
  const { fontFamily } = getComputedStyle(host);
  return {
    container: host,
    bpmnRenderer: {
      defaultFillColor: "var(--bp-fill)",
      defaultStrokeColor: "var(--bp-stroke)",
      defaultLabelColor: "var(--bp-label)",
    },
    textRenderer: {
      defaultStyle: { fontFamily, fontSize: 13, fontWeight: 500, lineHeight: 1.15 },
      externalStyle: { fontSize: external, fontWeight: 500 },
    },
  };
}

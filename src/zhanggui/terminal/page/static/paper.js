// A slip as paper: the terminal's layout, line by line. Labels and values hold their places in any font.

import { make, makeSvg } from "./dom.js";

export function paper(slip, label) {
  return make("div", { class: "paper", role: "group", "aria-label": label, "data-slip": slip.id }, ...slip.lines.map((line) => paperLine(line, slip)));
}

function paperLine(line, slip) {
  switch (line.kind) {
    case "rule":
      return make("hr", { class: "rule" });
    case "blank":
      return make("div", { class: "blank" });
    case "pair":
    case "amount":
      return make("p", { class: line.kind }, make("span", { class: "left" }, line.left), make("span", { class: "right" }, line.right));
    case "signature":
      return make(
        "div",
        { class: "signature" },
        make("p", {}, line.left),
        line.right ? make("p", { class: "feature" }, line.right) : null,
        handwriting(slip.strokes),
      );
    case "bar_code":
      return make("div", { class: "bar-code" }, barCode(slip.bars ?? []), make("p", {}, line.left));
    default:
      return make("p", { class: line.kind }, line.left, line.right ? ` ${line.right}` : "");
  }
}

// Bars and gaps in turn, each so many modules wide; a scanner needs ten blank ones on each side, which the margin of the paper is.
function barCode(bars) {
  const wide = bars.reduce((sum, modules) => sum + modules, 0);
  let x = 0;
  const path = bars.map((modules, at) => {
    const bar = at % 2 === 0 ? `M${x} 0h${modules}v36h-${modules}z` : "";
    x += modules;
    return bar;
  });
  return makeSvg("svg", { class: "bars", viewBox: `0 0 ${wide} 36`, preserveAspectRatio: "none", "aria-hidden": "true" }, makeSvg("path", { d: path.join("") }));
}

function handwriting(strokes) {
  if (strokes.length === 0) return null;
  return makeSvg(
    "svg",
    { class: "hand", viewBox: "0 0 480 160", "aria-hidden": "true" },
    ...strokes.map((stroke) => makeSvg("polyline", { points: stroke.map((point) => point.join(",")).join(" ") })),
  );
}

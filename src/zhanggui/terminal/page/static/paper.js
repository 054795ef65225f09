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
      return make("div", { class: "signature" }, make("p", {}, line.left), handwriting(slip.strokes));
    default:
      return make("p", { class: line.kind }, line.left, line.right ? ` ${line.right}` : "");
  }
}

function handwriting(strokes) {
  if (strokes.length === 0) return null;
  return makeSvg(
    "svg",
    { class: "hand", viewBox: "0 0 480 160", "aria-hidden": "true" },
    ...strokes.map((stroke) => makeSvg("polyline", { points: stroke.map((point) => point.join(",")).join(" ") })),
  );
}

// The display of a keypad model: 128 × 64 points, four lines. Each character sits in its cell, a Chinese one in two.

import { make, redrawer } from "./dom.js";
import { codeParts } from "./qr.js";

const HALF_POINTS = 64;
// Everything but Latin letters, figures and a few signs is set wide, as the terminal counts it (flow/screens/columns.py).
const NARROW = /[ -~¥…·•—“”‘’]/;

export function openDisplay(glass, columns) {
  const lcd = make("div", { class: "lcd" });
  const slow = make("p", { class: "unseen" });
  const code = make("div", { class: "lcd-code", hidden: true });
  lcd.append(code);
  const rows = make("div", {});
  lcd.append(rows);
  glass.append(lcd, slow);
  const drawLines = redrawer(rows, (lines) => lines.map((text) => lcdLine(text, columns)));
  const drawCode = redrawer(code, codeParts);
  let words;

  return {
    draw(view, lines, wordsNow) {
      words = wordsNow;
      glass.dataset.tone = view.tone;
      glass.dataset.screen = view.id;
      glass.setAttribute("aria-busy", String(view.tone === "busy"));
      code.hidden = !view.scan;
      drawCode({ address: view.scan, modules: view.modules, linked: view.status.simulated, label: words.phoneCode, quiet: quietOf(view.modules) });
      drawLines(lines);
    },
    pending(level) {
      lcd.classList.toggle("running", level > 0);
      slow.textContent = level === 0 ? "" : level === 1 ? words.checking : words.slow;
    },
  };
}

// Half of the display is 64 points wide and high: two points a module where that fits, and the glass around it is as light as the rest.
function quietOf(modules) {
  const side = modules?.length ?? 0;
  return ((side < HALF_POINTS / 2 ? HALF_POINTS / 2 : HALF_POINTS) - side) / 2;
}

function lcdLine(text, columns) {
  const cells = make("span", { class: "cells", "aria-hidden": "true" });
  let used = 0;
  for (const character of text) {
    const width = NARROW.test(character) ? 1 : 2;
    if (used + width > columns) break;
    used += width;
    cells.append(make("span", { class: width === 2 ? "wide" : "narrow" }, character));
  }
  return make("p", { class: "lcd-line" }, make("span", { class: "unseen" }, text), cells);
}

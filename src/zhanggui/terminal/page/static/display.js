// The display of a keypad model: 128 × 64 points, four lines. Each character sits in its cell, a Chinese one in two.

import { make, redrawer } from "./dom.js";

// Everything but Latin letters, figures and a few signs is set wide, as the terminal counts it (flow/screens/columns.py).
const NARROW = /[ -~¥…·•—“”‘’]/;

export function openDisplay(glass, columns) {
  const lcd = make("div", { class: "lcd" });
  const slow = make("p", { class: "unseen" });
  glass.append(lcd, slow);
  const drawLines = redrawer(lcd, (lines) => lines.map((text) => lcdLine(text, columns)));
  let words;

  return {
    draw(view, lines, wordsNow) {
      words = wordsNow;
      glass.dataset.tone = view.tone;
      glass.dataset.screen = view.id;
      glass.setAttribute("aria-busy", String(view.tone === "busy"));
      drawLines(lines);
    },
    pending(level) {
      lcd.classList.toggle("running", level > 0);
      slow.textContent = level === 0 ? "" : level === 1 ? words.checking : words.slow;
    },
  };
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

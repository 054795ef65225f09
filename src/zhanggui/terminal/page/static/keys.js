// Keys: the number pad on a touch screen, the rubber keys of a keypad model. Same places, same colours.

import { make } from "./dom.js";
import { icon } from "./icons.js";

const TOUCH = ["1", "2", "3", "cancel", "4", "5", "6", "clear", "7", "8", "9", "00", "0", "enter"];
const RUBBER = ["up", "down", "1", "2", "3", "cancel", "4", "5", "6", "clear", "7", "8", "9", "enter", "*", "0", "#"];
const PRESSED_MS = 130;

export function openKeys(group, touch, onKey) {
  const buttons = new Map();
  for (const key of touch ? TOUCH : RUBBER) {
    const button = make("button", { type: "button", class: `key key-${className(key)}`, "data-key": key });
    if (!/^[0-9*#]+$/.test(key)) button.classList.add("act");
    // A finger or a mouse leaves the focus where it is; else Enter would press the same key again.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", (event) => onKey(key, event));
    buttons.set(key, button);
    group.append(button);
  }
  group.classList.add(touch ? "keys-touch" : "keys-rubber");

  return {
    buttons,
    draw(words, shown, amount) {
      group.hidden = !shown;
      group.dataset.amount = amount ? "yes" : "no";
      const zeros = buttons.get("00");
      if (zeros) zeros.hidden = !amount;
      for (const [key, button] of buttons) label(button, key, words);
    },
    flash(key) {
      const button = buttons.get(key);
      if (!button) return;
      button.classList.add("pressed");
      setTimeout(() => button.classList.remove("pressed"), PRESSED_MS);
    },
  };
}

function label(button, key, words) {
  if (key === "up" || key === "down") {
    if (!button.firstChild) button.append(icon(key));
    button.setAttribute("aria-label", words[key]);
  } else {
    const text = words[key] && key.length > 2 ? words[key] : key;
    if (button.textContent !== text) button.textContent = text;
  }
}

function className(key) {
  return { "*": "star", "#": "hash" }[key] ?? key;
}

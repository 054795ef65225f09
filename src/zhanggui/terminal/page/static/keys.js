// Keys: the number pad on a touch screen, letters where a user name is typed there, the rubber keys of a keypad model. Same places, same colours.

import { make } from "./dom.js";
import { icon } from "./icons.js";

const TOUCH = ["1", "2", "3", "cancel", "4", "5", "6", "clear", "7", "8", "9", "00", "0", "enter"];
const RUBBER = ["up", "down", "1", "2", "3", "cancel", "4", "5", "6", "clear", "7", "8", "9", "enter", "*", "0", "#"];
const LETTERS = [..."1234567890qwertyuiopasdfghjkl-zxcvbnm._", "cancel", "clear", "enter"];
const PRESSED_MS = 130;

export function openKeys(group, touch, onKey) {
  const makeAll = (those) => new Map(those.map((key) => [key, makeKey(key, onKey)]));
  const figures = makeAll(touch ? TOUCH : RUBBER);
  let letters = null; // made when a user name is typed for the first time
  let buttons = figures;
  group.append(...figures.values());
  group.classList.add(touch ? "keys-touch" : "keys-rubber");

  function change(toLetters) {
    if (toLetters === (buttons !== figures)) return;
    letters ??= makeAll(LETTERS);
    buttons = toLetters ? letters : figures;
    group.replaceChildren(...buttons.values());
    group.dataset.letters = toLetters ? "yes" : "no";
  }

  return {
    draw(words, shown, amount, toLetters) {
      group.hidden = !shown;
      change(toLetters);
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

function makeKey(key, onKey) {
  const button = make("button", { type: "button", class: `key key-${className(key)}`, "data-key": key });
  if (!/^[a-z0-9*#._-]$|^00$/.test(key)) button.classList.add("act");
  // A finger or a mouse leaves the focus where it is; else Enter would press the same key again.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", (event) => onKey(key, event));
  return button;
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
  return { "*": "star", "#": "hash", ".": "dot", _: "line", "-": "dash" }[key] ?? key;
}

// On a phone the simulated parts and the slips are drawers over the machine; on a desktop they lie open beside it.

import { icon } from "./icons.js";

export function openDrawers(bar, onClosed) {
  const narrow = matchMedia("(max-width: 759px), (max-height: 560px)");
  const buttons = [...bar.querySelectorAll("[data-opens]")];
  const machine = document.querySelector(".machine");
  const drawer = (button) => document.getElementById(button.dataset.opens);
  let slips = 0;
  let words;

  function set(button, open) {
    button.setAttribute("aria-expanded", String(open));
    if (open) button.removeAttribute("data-fresh");
    drawer(button).classList.toggle("open", open);
    machine.inert = narrow.matches && buttons.some((each) => each.getAttribute("aria-expanded") === "true");
  }

  function close() {
    const open = buttons.filter((button) => button.getAttribute("aria-expanded") === "true");
    open.forEach((button) => set(button, false));
    if (open.length) onClosed();
    return open.length > 0;
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      const opening = button.getAttribute("aria-expanded") !== "true";
      close();
      if (!opening) return;
      set(button, true);
      const panel = drawer(button);
      panel.setAttribute("tabindex", "-1");
      panel.focus();
    });
  }
  narrow.addEventListener("change", close);
  document.addEventListener("slips", (event) => {
    slips = event.detail.count;
    if (slips === 0) bar.querySelector("[data-opens=tray]").removeAttribute("data-fresh");
    else if (event.detail.fresh > 0) bar.querySelector("[data-opens=tray]").setAttribute("data-fresh", "");
    if (words) draw(words);
  });

  function draw(wordsNow) {
    words = wordsNow;
    for (const button of buttons) {
      const tray = button.dataset.opens === "tray";
      button.replaceChildren(icon(tray ? "slip" : "parts"), tray && slips ? `${words.slips} ${slips}` : words[tray ? "slips" : "parts"]);
    }
  }
  return { close, draw };
}

// The tray: slips that came out, as paper on the counter; the newest also stands in the machine's slot.

import { make } from "./dom.js";
import { icon } from "./icons.js";
import { paper } from "./paper.js";
import { savePicture } from "./picture.js";

export function openTray(tray, { viewer, sheet, peek, printer, columns }) {
  const layouts = new Map();
  const title = make("h2", {});
  const wait = make("p", { class: "note" });
  const pile = make("ul", { class: "pile" });
  tray.append(title, wait, pile);

  let words;
  let lang;
  let wanted = [];
  let drawn = "";

  async function fetchSlip(id) {
    const answer = await fetch(`${location.pathname.replace(/\/$/, "")}/slips/${encodeURIComponent(id)}`);
    if (!answer.ok) return;
    const { slip, strokes, bars } = await answer.json();
    layouts.set(id, { ...slip, strokes, bars });
  }

  async function update(ids) {
    wanted = ids;
    const missing = ids.filter((id) => !layouts.has(id));
    // A slip that cannot be fetched now is asked for again with the next screen.
    await Promise.allSettled(missing.map(fetchSlip));
    if (wanted !== ids) return;
    for (const id of layouts.keys()) if (!ids.includes(id)) layouts.delete(id);
    draw(missing);
  }

  function draw(fresh) {
    const slips = wanted.filter((id) => layouts.has(id)).map((id) => layouts.get(id));
    const state = JSON.stringify([lang, slips.map((slip) => slip.id)]);
    if (state === drawn) return;
    drawn = state;
    title.replaceChildren(icon("slip"), slips.length ? `${words.slips} ${slips.length}` : words.slips);
    wait.textContent = printer ? words.slipsWait : words.slipsWaitElectronic;
    wait.hidden = slips.length > 0;
    // Newest first, so that it lies where the eye is.
    pile.replaceChildren(...slips.toReversed().map((slip) => item(slip, fresh.includes(slip.id))));
    const newest = slips.at(-1);
    const inSlot = newest && !newest.electronic ? paper(newest, "") : null;
    if (inSlot && fresh.includes(newest.id)) inSlot.classList.add("rising");
    peek.replaceChildren(...(inSlot ? [inSlot] : []));
    document.dispatchEvent(new CustomEvent("slips", { detail: { count: slips.length, fresh: fresh.length } }));
  }

  function nameOf(slip) {
    const copy = words[slip.copy];
    return slip.electronic ? `${copy} · ${words.electronic}` : copy;
  }

  function item(slip, fresh) {
    return make(
      "li",
      { class: fresh ? "slip fresh" : "slip", "data-slip": slip.id },
      make("div", { class: "slip-head" }, make("h3", {}, nameOf(slip)), tools(slip, true)),
      paper(slip, nameOf(slip)),
    );
  }

  function tools(slip, withEnlarge) {
    const tool = (name, label, act) => {
      const button = make("button", { type: "button", class: "tool", title: label, "aria-label": `${label}: ${nameOf(slip)}`, "data-tool": name }, icon(name));
      button.addEventListener("click", act);
      return button;
    };
    return make(
      "div",
      { class: "tools" },
      withEnlarge ? tool("enlarge", words.enlarge, () => enlarge(slip)) : null,
      tool("save", words.save, () => savePicture(slip, columns)),
      tool("printer", words.print, () => print(slip)),
    );
  }

  function enlarge(slip) {
    const close = make("button", { type: "button", class: "tool", "aria-label": words.close, title: words.close }, icon("close"));
    close.addEventListener("click", () => viewer.close());
    viewer.setAttribute("aria-label", nameOf(slip));
    viewer.replaceChildren(
      make("div", { class: "slip-head" }, make("h2", {}, nameOf(slip)), tools(slip, false), close),
      make("div", { class: "viewer-paper", tabindex: "0", role: "group", "aria-label": nameOf(slip) }, paper(slip, nameOf(slip))),
    );
    viewer.showModal();
  }
  // A tap beside the paper closes it.
  viewer.addEventListener("click", (event) => event.target === viewer && viewer.close());

  function print(slip) {
    sheet.replaceChildren(paper(slip, nameOf(slip)));
    sheet.hidden = false;
    addEventListener("afterprint", () => (sheet.hidden = true), { once: true });
    window.print();
  }

  return {
    draw(view, wordsNow) {
      words = wordsNow;
      lang = view.lang;
      if (JSON.stringify(wanted) !== JSON.stringify(view.slips) || view.slips.some((id) => !layouts.has(id))) update(view.slips);
      else draw([]);
    },
  };
}

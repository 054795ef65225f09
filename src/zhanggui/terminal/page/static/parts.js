// The simulated parts beside the machine: virtual cards, paper, network.

import { make, redrawer } from "./dom.js";
import { icon } from "./icons.js";

export function openParts(panel, { ways, printer, onCard, onDevice }) {
  const head = make("div", { class: "parts-head" });
  const cardBox = make("div", { class: "parts-cards" });
  const deviceBox = make("div", { class: "parts-devices" });
  panel.append(head, cardBox, deviceBox);

  let words;
  let chosen = null;
  let cards = [];

  const drawHead = redrawer(head, () => [make("h2", {}, icon("parts"), words.parts), make("p", { class: "note" }, words.partsNote)]);
  const drawCards = redrawer(cardBox, (list, lang) => {
    if (list.length === 0) return [make("p", { class: "note" }, words.noCards)];
    const group = make("fieldset", { class: "cards" }, make("legend", {}, words.cards));
    for (const card of list) group.append(cardRow(card, lang));
    return [group, presentRow()];
  });
  const drawDevices = redrawer(deviceBox, (network, paper) => [
    make("h3", {}, words.devices),
    toggle("network", "network", words.line, network ? words.lineUp : words.lineDown, network, "down"),
    printer ? toggle("printer", "printer", words.paper, paper ? words.paperIn : words.paperOut, paper, "no_paper") : null,
  ]);

  function cardRow(card, lang) {
    const radio = make("input", { type: "radio", name: "card", value: card.id, checked: card.id === chosen });
    radio.addEventListener("change", () => choose(card));
    return make(
      "label",
      { class: "card" },
      radio,
      make(
        "span",
        { class: "card-text" },
        make("strong", {}, lang === "zh" ? card.label_zh : card.label_en),
        make("span", { class: "pan" }, card.masked_pan, " ", make("small", {}, card.chip ? words.chip : words.stripe)),
        make("span", { class: "hint" }, lang === "zh" ? card.hint_zh : card.hint_en),
      ),
    );
  }

  function presentRow() {
    const row = make("div", { class: "ways", role: "group", "aria-label": words.ways });
    for (const way of ways) {
      const button = make("button", { type: "button", class: "way", "data-way": way }, icon(way), make("span", {}, words[way]));
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => chosen && onCard(cards.find((card) => card.id === chosen), way));
      row.append(button);
    }
    return row;
  }

  function choose(card) {
    chosen = card.id;
    offer(awaited);
  }

  // A stripe card has nothing to insert or tap; the ways that the terminal awaits now stand out.
  let awaited = [];
  function offer(reader) {
    awaited = reader;
    const card = cards.find((each) => each.id === chosen);
    for (const button of cardBox.querySelectorAll(".way")) {
      const able = card !== undefined && (card.chip || button.dataset.way === "swipe");
      button.disabled = !able;
      button.classList.toggle("awaited", able && reader.includes(button.dataset.way));
    }
  }

  function toggle(item, name, label, state, on, offState) {
    const button = make(
      "button",
      { type: "button", role: "switch", class: "toggle", "aria-checked": String(on), "data-item": item },
      icon(name),
      make("span", { class: "toggle-label" }, label),
      make("span", { class: "toggle-state" }, state),
      make("span", { class: "track", "aria-hidden": "true" }, make("i")),
    );
    // After a mouse, Enter is the terminal's again and does not turn the switch back.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => onDevice(item, on ? offState : "ok"));
    return button;
  }

  return {
    cards(list) {
      cards = list;
      if (!cards.some((card) => card.id === chosen)) chosen = cards[0]?.id ?? null;
    },
    draw(view, wordsNow) {
      words = wordsNow;
      const focus = panel.contains(document.activeElement) ? document.activeElement : null;
      const mark = focus && (focus.dataset.item ? `[data-item="${focus.dataset.item}"]` : focus.dataset.way ? `[data-way="${focus.dataset.way}"]` : null);
      drawHead(view.lang);
      drawCards(cards, view.lang);
      drawDevices(view.status.network_state === "ok", view.status.printer_state === "ok", view.lang);
      offer(view.reader);
      // A switch that was drawn again keeps the focus.
      if (mark && !panel.contains(document.activeElement)) panel.querySelector(mark)?.focus();
    },
  };
}

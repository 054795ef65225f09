// The simulated parts beside the machine: virtual cards, paper, network.

import { make, redrawer } from "./dom.js";
import { icon } from "./icons.js";

const HOLD_MS = 1000; // a power key that is touched in passing does nothing

export function openParts(panel, { ways, printer, onCard, onText, onDevice, onPower }) {
  const head = make("div", { class: "parts-head" });
  const cardBox = make("div", { class: "parts-cards" });
  const deviceBox = make("div", { class: "parts-devices" });
  const switchBox = make("details", { class: "parts-switches" });
  const textBox = make("form", { class: "parts-text", hidden: !ways.includes("scan") });
  panel.append(head, cardBox, textBox, deviceBox, switchBox);

  let words;
  let chosen = null;
  let cards = [];
  let switches = [];

  const drawHead = redrawer(head, () => [make("h2", {}, icon("parts"), words.parts), make("p", { class: "note" }, words.partsNote)]);
  const drawCards = redrawer(cardBox, (list, lang) => {
    if (list.length === 0) return [make("p", { class: "note" }, words.noCards)];
    const group = make("fieldset", { class: "cards" }, make("legend", {}, words.cards));
    for (const card of list) group.append(cardRow(card, lang));
    return [group, presentRow()];
  });
  // A code that was copied from another page, where no scanner types it: a phone has none.
  const drawText = redrawer(textBox, (label, go) => {
    const field = make("input", { id: "scan-text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: 512 });
    return [make("label", { for: "scan-text" }, label), field, make("button", { type: "submit" }, icon("scan"), go)];
  });
  // What is typed here is no key of the terminal; Escape still shuts the drawer.
  textBox.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  textBox.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = textBox.querySelector("input");
    const text = field.value.trim();
    field.value = "";
    if (text !== "") onText(text);
  });
  const drawDevices = redrawer(deviceBox, (network, paper, isOn) => [
    make("h3", {}, words.devices),
    powerKey(isOn),
    toggle("network", "network", words.line, network ? words.lineUp : words.lineDown, network, "down"),
    printer ? toggle("printer", "printer", words.paper, paper ? words.paperIn : words.paperOut, paper, "no_paper") : null,
  ]);
  const drawSwitches = redrawer(switchBox, (list, lang) => (list.length === 0 ? [] : [make("summary", {}, words.allParts), ...list.map((part) => partRow(part, lang))]));

  // Every state that a part can take on: an opened case, a stuck key, a clock that is off are as near as the paper.
  function partRow(part, lang) {
    const choice = make("select", { "data-part": part.item }, ...part.states.map((each) => make("option", { value: each.state }, lang === "zh" ? each.zh : each.en)));
    choice.value = part.state;
    choice.addEventListener("change", () => {
      change(part.item, choice.value);
      onDevice(part.item, choice.value);
    });
    return make("label", { class: "part" }, make("span", {}, lang === "zh" ? part.zh : part.en), choice);
  }

  function change(item, state) {
    switches = switches.map((part) => (part.item === item ? { ...part, state } : part));
  }

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
        make("span", { class: "pan" }, card.masked_pan, " ", make("small", {}, card.badge ? words.staffCard : card.chip ? words.chip : words.stripe)),
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

  // A stripe card has nothing to insert or tap, and whoever has a phone shows codes on it.
  function takes(card, way) {
    if (way === "scan") return card.phone;
    return card.chip || way === "swipe" || (card.badge && way === "tap");
  }

  // What the terminal awaits now stands out.
  let awaited = [];
  function offer(reader) {
    awaited = reader;
    const card = cards.find((each) => each.id === chosen);
    for (const button of cardBox.querySelectorAll(".way")) {
      const able = card !== undefined && takes(card, button.dataset.way);
      button.disabled = !able;
      button.classList.toggle("awaited", able && reader.includes(button.dataset.way));
    }
  }

  // On by a touch; off, as on the machine, only when it is held.
  function powerKey(isOn) {
    const button = make(
      "button",
      { type: "button", class: "toggle power-key", "data-item": "power-key", "aria-pressed": String(isOn) },
      icon("onoff"),
      make("span", { class: "toggle-label" }, words.powerKey),
      make("span", { class: "toggle-state" }, isOn ? words.powerHold : words.powerPress),
    );
    let timer = 0;
    const begin = (event) => {
      if (event.type === "keydown" && (event.repeat || (event.key !== "Enter" && event.key !== " "))) return;
      event.preventDefault();
      if (!isOn) return onPower();
      button.classList.add("held");
      timer = setTimeout(onPower, HOLD_MS);
    };
    const end = () => {
      clearTimeout(timer);
      button.classList.remove("held");
    };
    for (const name of ["pointerdown", "keydown"]) button.addEventListener(name, begin);
    for (const name of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) button.addEventListener(name, end);
    return button;
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
    button.addEventListener("click", () => {
      change(item, on ? offState : "ok");
      onDevice(item, on ? offState : "ok");
    });
    return button;
  }

  return {
    cards(list, parts) {
      switches = parts;
      cards = list;
      if (!cards.some((card) => card.id === chosen)) chosen = cards[0]?.id ?? null;
    },
    draw(view, wordsNow) {
      words = wordsNow;
      const focus = panel.contains(document.activeElement) ? document.activeElement : null;
      const mark = focus && (focus.dataset.item ? `[data-item="${focus.dataset.item}"]` : focus.dataset.part ? `[data-part="${focus.dataset.part}"]` : focus.dataset.way ? `[data-way="${focus.dataset.way}"]` : null);
      drawHead(view.lang);
      drawText(words.scanText, words.scanGo);
      drawCards(cards, view.lang);
      drawDevices(view.status.network_state === "ok", view.status.printer_state === "ok", view.id !== "off", view.lang);
      drawSwitches(switches, view.lang);
      offer(view.pay_code ? [...view.reader, "scan"] : view.reader);
      // A switch that was drawn again keeps the focus.
      if (mark && !panel.contains(document.activeElement)) panel.querySelector(mark)?.focus();
    },
  };
}

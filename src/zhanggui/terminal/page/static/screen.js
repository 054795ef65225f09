// The touch screen: status, one question, its lists, its choices. It draws what the terminal says and adds no rule.

import { make, redrawer } from "./dom.js";
import { icon } from "./icons.js";
import { codeParts } from "./qr.js";
import { openSignature } from "./sign.js";
import { typedIn } from "./speech.js";

const STATE_MARK = { warn: "warn", fail: "bad" };
const RANKS = ["primary", "plain", "cancel"];
const CARD_SCREENS = new Set(["standby", "amount", "card"]); // elsewhere, such as beside a reprint, a reader that is open asks for nothing
const KEY_NAMES = { enter: "Enter", cancel: "Escape", clear: "Backspace" };

export function openScreen(glass, { onKey, onSign }) {
  const status = make("div", { class: "status" });
  const strip = make("div", { class: "strip", "aria-hidden": "true" });
  const slow = make("p", { class: "slow", hidden: true });
  const ask = make("div", { class: "ask" });
  const choices = make("div", { class: "choices", role: "group" });
  const box = make("div", { class: "sign" });
  const scan = make("div", { class: "scan", hidden: true });
  glass.append(status, strip, slow, ask, scan, box, choices);

  let words;
  const drawStatus = redrawer(status, (parts) => statusParts(parts, words, onKey));
  const drawAsk = redrawer(ask, (view) => askParts(view, words, onKey));
  const drawChoices = redrawer(choices, (list) => list.map((choice) => choiceButton(choice, onKey)));
  // Beside the words that count seconds: a link that is drawn anew each second can't keep the focus.
  const drawScan = redrawer(scan, codeParts);
  const signature = openSignature(box, onSign);

  function markEdges() {
    const left = ask.scrollHeight - ask.clientHeight - ask.scrollTop;
    const more = [ask.scrollTop > 1 ? "above" : "", left > 1 ? "below" : ""].filter(Boolean).join(" ");
    if (more) ask.dataset.more = more;
    else delete ask.dataset.more;
    // A list that is longer than the screen can be scrolled with the keyboard.
    if (ask.scrollHeight > ask.clientHeight + 1) ask.setAttribute("tabindex", "0");
    else ask.removeAttribute("tabindex");
  }
  ask.addEventListener("scroll", markEdges, { passive: true });
  new ResizeObserver(markEdges).observe(ask);
  window.addEventListener("resize", markEdges);

  return {
    signature,
    draw(view, wordsNow, padShown) {
      words = wordsNow;
      glass.dataset.tone = view.tone;
      glass.dataset.screen = view.id;
      glass.setAttribute("aria-busy", String(view.tone === "busy"));
      choices.setAttribute("aria-label", words.choices);
      drawStatus(view.status);
      drawAsk({ ...view, status: null, slips: null, choices: null, modules: null });
      // With the number keys on the screen, 取消 清除 确认 are among them and need no second button.
      const shown = view.choices.filter((choice) => !(padShown && choice.shortcut in KEY_NAMES));
      shown.sort((one, other) => RANKS.indexOf(one.rank) - RANKS.indexOf(other.rank));
      drawChoices(shown);
      choices.hidden = shown.length === 0;
      scan.hidden = !view.scan;
      drawScan({ address: view.scan, modules: view.modules, linked: view.status.simulated, label: words.phoneCode });
      signature.draw(view.signature, words, view.lang);
      // What is being typed is always in sight; an entry above a list is there anyway.
      if (padShown) ask.querySelector(".entry")?.scrollIntoView({ block: "nearest" });
      markEdges();
    },
    pending(level) {
      strip.classList.toggle("running", level > 0);
      slow.hidden = level === 0;
      slow.textContent = level === 0 ? "" : level === 1 ? words.checking : words.slow;
    },
  };
}

function statusParts(status, words, onKey) {
  const device = (name, text, state) =>
    text === ""
      ? null
      : make(
          "span",
          { class: `device state-${state || "ok"}` },
          icon(STATE_MARK[state] ?? name),
          make("span", {}, text),
        );
  return [
    make("span", { class: "time" }, status.time),
    device("network", status.network, status.network_state),
    device("printer", status.printer, status.printer_state),
    device("power", status.power, status.power_state),
    status.operator ? operatorName(status, words, onKey) : null,
  ];
}

// Who is signed in; in standby a tap hands the machine over.
function operatorName(status, words, onKey) {
  if (!status.operator_key) return make("span", { class: "operator" }, status.operator);
  const label = `${status.operator}, ${words.handOver}`;
  const button = make("button", { type: "button", class: "operator act", "data-key": status.operator_key, "aria-label": label, title: words.handOver }, status.operator);
  button.addEventListener("click", (event) => onKey(status.operator_key, event));
  return button;
}

function askParts(view, words, onKey) {
  const marked = view.tone !== "calm" && view.tone !== "busy";
  return [
    make(
      "h2",
      { class: "title" },
      marked ? icon(view.tone, "mark") : view.tone === "busy" ? icon("busy", "mark turning") : null,
      make("span", {}, view.title),
    ),
    view.countdown ? make("p", { class: "countdown", role: "timer" }, icon("warn"), make("span", {}, view.countdown.text)) : null,
    view.lines.length ? make("div", { class: "lines" }, ...view.lines.map(line)) : null,
    view.code && !saysCode(view) ? make("p", { class: "code" }, `${words.code} `, make("strong", {}, view.code)) : null,
    view.entry ? entry(view.entry, words) : null,
    awaited(view).length && CARD_SCREENS.has(view.id) ? reader(awaited(view), words) : null,
    view.progress.length ? progress(view, words) : null,
    // Totals are what is looked for, so they stand above their list.
    view.totals.length ? make("div", { class: "totals" }, ...view.totals.map(line)) : null,
    view.rows.length || view.rows_title ? rows(view, words, onKey) : null,
  ];
}

// By what a customer may pay here.
function awaited(view) {
  return view.pay_code ? [...view.reader, "scan"] : view.reader;
}

// The line that says whom to call names the code already; once is enough.
function saysCode(view) {
  return view.lines.some((part) => part.text.includes(view.code));
}

function line(part) {
  if (part.right) {
    return make("p", { class: `line pair ${part.style}` }, make("span", { class: "left" }, part.text), " ", make("span", { class: "right" }, part.right));
  }
  return make("p", { class: `line ${part.style}` }, part.text);
}

function entry(part, words) {
  const secret = part.kind === "secret";
  const shown = secret
    ? make("span", { class: "shown dots", "aria-hidden": "true" }, ...[...part.shown].map((sign) => make("i", sign === " " ? { class: "gap" } : {})))
    : make("span", { class: "shown" }, part.shown);
  return make(
    "div",
    { class: `entry ${part.kind}` },
    make("span", { class: "label" }, part.label),
    shown,
    secret ? make("span", { class: "unseen" }, typedIn(part, words)) : null,
  );
}

function reader(ways, words) {
  return make(
    "ul",
    { class: "reader" },
    ...ways.map((way) => make("li", {}, icon(way), make("span", {}, words[way]))),
  );
}

function progress(view, words) {
  const last = view.progress.length - 1;
  return make(
    "ol",
    { class: "progress", "aria-label": words.progress },
    ...view.progress.map((step, at) => {
      const running = at === last && view.tone === "busy";
      return make("li", { class: running ? "running" : "done" }, icon(running ? "busy" : "good", running ? "turning" : ""), make("span", {}, step));
    }),
  );
}

function rows(view, words, onKey) {
  return make(
    "div",
    { class: "rows" },
    view.rows_title ? make("h3", {}, view.rows_title) : null,
    make(
      "ul",
      {},
      ...view.rows.map((row) =>
        rowOf(
          row,
          onKey,
          row.tone === "calm" ? null : icon(row.tone, row.tone === "busy" ? "turning" : ""),
          make("span", { class: "left" }, row.left),
          " ",
          make("span", { class: "middle" }, row.middle),
          " ",
          make("span", { class: "right" }, row.right),
        ),
      ),
    ),
  );
}

// A row that has a key is a button within its item; the others are only read.
function rowOf(row, onKey, ...parts) {
  const looks = `row tone-${row.tone}${row.struck ? " struck" : ""}`;
  if (!row.key) return make("li", { class: looks }, ...parts);
  const button = make("button", { type: "button", class: `${looks} act`, "data-key": row.key }, ...parts);
  button.addEventListener("click", (event) => onKey(row.key, event));
  return make("li", { class: "opens" }, button);
}

function choiceButton(choice, onKey) {
  const digit = /^[0-9]$/.test(choice.shortcut);
  const button = make(
    "button",
    {
      type: "button",
      class: `choice ${choice.rank} act`,
      "data-key": choice.key,
      "aria-keyshortcuts": KEY_NAMES[choice.shortcut] ?? (choice.shortcut || undefined),
    },
    digit ? make("span", { class: "hint", "aria-hidden": "true" }, choice.shortcut) : null,
    make("span", {}, choice.label),
  );
  button.addEventListener("click", (event) => onKey(choice.key, event));
  return button;
}

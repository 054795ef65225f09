// The page of one terminal: puts the pieces together.

import { openDisplay } from "./display.js";
import { openDrawers } from "./drawers.js";
import { listenToKeyboard } from "./keyboard.js";
import { openKeys } from "./keys.js";
import { openLink } from "./link.js";
import { openNotice } from "./notice.js";
import { openParts } from "./parts.js";
import { openScreen } from "./screen.js";
import { openTray } from "./slips.js";
import { openSound } from "./sound.js";
import { openSpeech } from "./speech.js";
import { wordsIn } from "./words.js";

const CHECKING_MS = 300;
const SLOW_MS = 3000;
const GIVE_UP_MS = 15_000; // a key that the terminal ignores brings no new screen
const DOUBLE_TAP_MS = 350;
const CODE_SCREENS = new Set(["sign_in_code"]);
const SCAN_SCREENS = new Set([...CODE_SCREENS, "original", "tick_off"]); // what is asked for there may stand on a badge, a sheet or a slip, to be scanned
const SCAN_MAX = 512;
const PAY_CODE = /^[0-9]{16,24}$/; // as long as the codes of all wallets (docs/reference/wallet-codes.md)
const AMOUNT_SCREENS = new Set(["standby", "amount"]);
const BADGE = /^ZGB1[A-Z2-7]{34}$/;
const MAY_BE_EMPTY = new Set(["pin"]); // a card without a PIN is passed with Enter alone

const facts = document.body.dataset;
const touch = facts.touch === "yes";
const one = (selector) => document.querySelector(selector);
const glass = one(".glass");

let view = null;
let words = wordsIn(document.documentElement.lang.startsWith("en") ? "en" : "zh");
let lastTap = -Infinity;
let pendingTimers = [];
let enterAsked = false;
let notSent = false;

const sound = openSound(one("[data-sound]"));
const speech = openSpeech(one("#say"), one("#alarm"));
const link = openLink({ onMessage: receive, onUp: lineUp, onDown: lineDown });
const screen = touch ? openScreen(glass, { onKey: (key, event) => press(key, event, sendKey), onSign: sign }) : openDisplay(glass, Number(facts.displayColumns));
const keys = openKeys(one(".keys"), touch, (key, event) => press(key, event, typeKey));
const parts = openParts(one("#parts"), { ways: facts.ways.split(" "), printer: facts.printer === "yes", onCard: showCard, onText: scanText, onDevice: setDevice, onPower: () => send({ type: "power" }) });
const tray = openTray(one("#tray"), {
  viewer: one(".viewer"),
  sheet: one(".sheet"),
  peek: one(".peek"),
  printer: facts.printer === "yes",
  columns: Number(facts.paperColumns),
});
const drawers = openDrawers(one(".bar"), focusScreen);

const keyboard = listenToKeyboard({
  touch,
  now: () => view,
  blocked: () => one(".viewer").open,
  escape: drawers.close,
  takesScan: () => view !== null && (view.badge || view.pay_code || SCAN_SCREENS.has(view.id)),
  onKey: typeKey,
  onBurst: refuseBurst,
  onScan: typeScan,
  onDropped: sayDropped,
});
const notice = openNotice(one(".notice"), speech);
for (const button of document.querySelectorAll("[data-lang]")) {
  button.addEventListener("click", () => {
    send({ type: "lang", lang: button.dataset.lang });
    // The next Enter is for the terminal, not for this button again.
    focusScreen();
  });
}
drawChrome(document.documentElement.lang.startsWith("en") ? "en" : "zh");

function receive(message) {
  if (message.type === "cards") parts.cards(message.cards, message.parts);
  else if (message.type === "screen") show({ ...message.screen, modules: message.modules }, message.display);
}

function show(next, display) {
  const changed = view === null || next.id !== view.id;
  const translated = view === null || next.lang !== view.lang;
  const before = view;
  view = next;
  words = wordsIn(view.lang);
  if (translated) drawChrome(view.lang);
  settle(changed);
  answered();
  if (changed || translated) notice.clear();
  else if (enterAsked) answerEnter(before);
  enterAsked = false;
  const focused = document.activeElement !== document.body;
  // On standby a digit begins an amount, at the start a number, and the room is needed: number keys come when something is being typed.
  const padShown = touch && view.digits && view.pad && view.entry !== null;
  if (touch) screen.draw(view, words, padShown);
  else screen.draw(view, display, words);
  keys.draw(words, padShown || !touch, !touch || view.entry?.kind === "amount", touch && ["name", "line"].includes(view.entry?.kind));
  parts.draw(view, words);
  tray.draw(view, words);
  speech.screen(view, words);
  sound.screen(view);
  if (changed && !padShown) glass.querySelector(".ask")?.scrollTo(0, 0);
  one(".simulated").hidden = !view.status.simulated;
  one(".simulated").textContent = words.simulated;
  // What had the focus may be gone with the old screen; then the screen itself takes it.
  if (focused && (document.activeElement === document.body || document.activeElement === null)) focusScreen();
}

function drawChrome(lang) {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  one("[data-sound]").title = words.sound;
  const model = one(".model");
  model.textContent = model.dataset[lang];
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", words[element.dataset.label]);
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
  drawers.draw(words);
  drawBanner();
}

function focusScreen() {
  glass.focus({ preventScroll: true });
}

// ── keys ─────────────────────────────────────────────────────────────────────

// The second half of a double tap must not hit what the first half has brought: for a moment the keys that act are deaf.
function settle(changed) {
  if (!changed || performance.now() - lastTap > DOUBLE_TAP_MS) return;
  facts.settling = "yes";
  const deaf = () => document.querySelectorAll(".act");
  requestAnimationFrame(() => facts.settling && deaf().forEach((button) => button.setAttribute("aria-disabled", "true")));
  setTimeout(() => {
    delete facts.settling;
    deaf().forEach((button) => button.removeAttribute("aria-disabled"));
  }, DOUBLE_TAP_MS);
}

// A tap, a click, or Enter on a focused button.
function press(key, event, act) {
  const tapped = event.detail > 0;
  if (tapped && facts.settling && event.currentTarget.classList.contains("act")) return;
  if (tapped) lastTap = performance.now();
  keyboard.release();
  act(key);
  // The next Enter is 确认, and does not press again what was tapped.
  if (tapped && glass.contains(event.currentTarget)) focusScreen();
}

// A key of the machine, pressed there or on the computer's keyboard: it is what the screen says it is. Digits of a secret, and
// the keys that end it, go to the PIN pad as they are. `at` is the screen on which it went down.
function typeKey(key, at = view) {
  if (view === null || at === null) return;
  // Digits and letters run on into the field that the first of them has brought, or into the next; any other key is for the screen that was seen.
  const on = view.entry && typesOn(key, at) ? view : at;
  if (key === "enter" && on.signature && touch && screen.signature.finish()) return;
  keys.flash(key);
  const plain = on.entry?.kind === "secret" || (on.digits && /^[0-9]+$/.test(key));
  const choice = plain ? undefined : on.choices.find((each) => each.shortcut === key);
  notice.clear();
  sendKey(choice?.key ?? key, on);
}

function typesOn(key, at) {
  return (at.digits && /^[0-9]+$/.test(key)) || (at.letters && /^[a-z._-]$/.test(key));
}

function sendKey(key, on = view) {
  if (on === null || !send({ type: "key", key, screen: on.id })) return;
  enterAsked = key === "enter" && on.entry?.kind === "secret" && !MAY_BE_EMPTY.has(on.id);
  if (!/^[0-9]+$|^[a-z._-]$/.test(key)) waitForAnswer();
}

// A burst is nothing that a hand has typed: what stands in the field goes too, because nobody knows what it is by now.
function refuseBurst() {
  if (view === null) return;
  if (view.entry !== null) sendKey("clear_all");
  notice.show(words.burst);
}

// What was dropped was a payment code, which is taken elsewhere.
function sayDropped(text) {
  if (view !== null && PAY_CODE.test(text)) notice.show(AMOUNT_SCREENS.has(view.id) ? words.noCodeYet : words.noCode);
}

// A code that was scanned where one is awaited: all of it, or nothing. A badge goes as it is, and never into a field.
function typeScan(run, text) {
  if (view?.badge && BADGE.test(text.toUpperCase())) return showBadge(text.toUpperCase());
  if (view?.pay_code) return showCode(text);
  const digits = run.filter((key) => key !== "enter");
  const fits = view?.entry && digits.length > 0 && digits.length <= view.entry.max_length && digits.every((key) => /^[0-9]$/.test(key ?? ""));
  const ends = run.indexOf("enter") === -1 || run.indexOf("enter") === digits.length;
  if (!fits || !ends || !SCAN_SCREENS.has(view.id)) return refuseBurst();
  const on = view;
  sendKey("clear_all", on);
  digits.forEach((digit) => sendKey(digit, on));
  if (run.includes("enter")) sendKey("enter", on);
}

// Enter on a secret that is not there yet, or not all of it, changes nothing; it is answered all the same.
function answerEnter(before) {
  if (view.entry === null || view.entry.shown !== before.entry?.shown || view.code !== before.code) return;
  if (view.entry.shown !== "") notice.show(words.moreDigits);
  else notice.show(view.id === "keyed_number" ? words.typeNumber : CODE_SCREENS.has(view.id) ? words.typeCode : words.typePassword);
}

function sign(strokes) {
  if (send({ type: "sign", strokes })) waitForAnswer();
}

// Why nothing comes of a card, a phone or a badge that is shown now; empty where it is awaited.
function whyNotShown(card, way) {
  if (card.badge) return view.badge ? "" : words.noBadge;
  if (way === "scan") return view.pay_code ? "" : AMOUNT_SCREENS.has(view.id) ? words.noCodeYet : words.noCode;
  return view.reader.includes(way) ? "" : AMOUNT_SCREENS.has(view.id) && !view.reader.length ? words.noCardYet : words.noCard;
}

function showCard(card, way) {
  notice.clear();
  const why = whyNotShown(card, way);
  if (why) {
    drawers.close();
    focusScreen();
    return notice.show(why);
  }
  if (!send({ type: "card", card: card.id, way })) return;
  drawers.close();
  focusScreen();
  speech.say(words.presented(words[way], view.lang === "zh" ? card.label_zh : card.label_en));
  waitForAnswer();
}

function showBadge(text) {
  notice.clear();
  if (send({ type: "badge", text })) waitForAnswer();
}

// What was pasted among the simulated parts is scanned, as a card there is shown.
function scanText(text) {
  notice.clear();
  drawers.close();
  focusScreen();
  if (view?.badge && BADGE.test(text.toUpperCase())) showBadge(text.toUpperCase());
  else if (view?.pay_code) showCode(text);
  else if (view !== null) notice.show(AMOUNT_SCREENS.has(view.id) ? words.noCodeYet : words.noCode);
}

// Whatever was scanned goes to the terminal, which says at once what is no payment code. It never stands on the page.
function showCode(text) {
  notice.clear();
  if (text !== "" && send({ type: "scan", text: text.slice(0, SCAN_MAX) })) waitForAnswer();
}

function setDevice(item, state) {
  send({ type: "device", item, state });
}

// ── waiting ──────────────────────────────────────────────────────────────────

function waitForAnswer() {
  answered();
  const after = (wait, level) => setTimeout(() => screen.pending(level), wait);
  pendingTimers = [after(CHECKING_MS, 1), after(SLOW_MS, 2), after(GIVE_UP_MS, 0)];
}

function answered() {
  pendingTimers.forEach(clearTimeout);
  screen.pending(0);
}

// ── the line ─────────────────────────────────────────────────────────────────

function lineUp() {
  const again = facts.line === "broken";
  if (facts.line === "up") return;
  facts.line = "up";
  notSent = false;
  drawBanner();
  if (!again) return;
  speech.calm();
  speech.say(words.back);
}

// What cannot leave now is not kept for later: it would be pressed on a screen that nobody saw. It is said instead, each time.
function send(message) {
  if (link.send(message)) return true;
  if (facts.line !== "broken") return false;
  notSent = true;
  drawBanner();
  speech.alarm(`${words.notSent} ${words.broken}`);
  return false;
}

function lineDown() {
  if (facts.line === "broken") return;
  facts.line = view === null ? "connecting" : "broken";
  answered();
  drawBanner();
  if (facts.line === "broken") speech.alarm(words.broken);
}

function drawBanner() {
  const banner = one(".banner");
  banner.hidden = facts.line === "up";
  banner.textContent = facts.line === "broken" ? `${notSent ? `${words.notSent} ` : ""}${words.broken}` : words.connecting;
}

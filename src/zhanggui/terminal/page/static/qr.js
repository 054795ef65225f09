// The QR code that a screen shows: dark squares on white, by day and night. Beside a simulated terminal it is also a link, for whoever
// has no phone at hand.

import { make, makeSvg } from "./dom.js";

const QUIET = 4; // ISO/IEC 18004: white around a code

export function codePicture(modules, quiet = QUIET) {
  const side = modules.length + 2 * quiet;
  const dark = modules.flatMap((row, y) => [...row.matchAll(/1+/g)].map((run) => `M${run.index + quiet} ${y + quiet}h${run[0].length}v1h-${run[0].length}z`));
  return makeSvg(
    "svg",
    { class: "qr", viewBox: `0 0 ${side} ${side}`, "shape-rendering": "crispEdges", "aria-hidden": "true", focusable: "false" },
    makeSvg("rect", { class: "light", width: side, height: side }),
    makeSvg("path", { class: "dark", d: dark.join("") }),
  );
}

export function codeParts({ address, modules, linked, label, quiet }) {
  if (!address) return [];
  const picture = codePicture(modules, quiet);
  if (!linked) return [make("div", { class: "code-picture", role: "img", "aria-label": label }, picture)];
  return [make("a", { class: "code-picture", href: address, target: "_blank", rel: "noopener", "aria-label": label }, picture)];
}

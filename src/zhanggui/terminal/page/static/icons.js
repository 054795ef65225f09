// Icons of our own on a grid of 24, drawn through the DOM.

import { makeSvg } from "./dom.js";

const PATHS = {
  network: "M4 10a12 12 0 0 1 16 0M7 13.5a7.5 7.5 0 0 1 10 0M10 17a3 3 0 0 1 4 0",
  printer: "M7 9V4h10v5M7 17H4.5V9h15v8H17M7 14h10v6H7z",
  power: "M4 8h14v8H4zM20.5 11v2M7 11v2M10 11v2",
  onoff: "M12 3v8M7 6.5a8 8 0 1 0 10 0",
  good: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12.3l2.8 2.7L16 9.5",
  warn: "M12 4l9 16H3zM12 10v4.5M12 17v.2",
  bad: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9 9l6 6M15 9l-6 6",
  busy: "M12 3a9 9 0 1 1-9 9",
  calm: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  swipe: "M4 6h16v8H4zM4 9h16M6 19h12M15 17l3 2-3 2",
  insert: "M7 12V3h10v9M4 12h16M10 6h4M12 15v6M9 18l3 3 3-3",
  tap: "M4 9h9v11H4zM15 7a6 6 0 0 1 0 6M17.5 5a9.5 9.5 0 0 1 0 10M20 3a13 13 0 0 1 0 14",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 9v6M11 9v6M14 9v6M16.5 9v6",
  slip: "M6 3h12v18l-2-1.5-2 1.5-2-1.5-2 1.5-2-1.5-2 1.5zM9 8h6M9 12h6",
  parts: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  enlarge: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  save: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4 20h16",
  close: "M6 6l12 12M18 6L6 18",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
};

export function icon(name, extra = "") {
  return makeSvg(
    "svg",
    { class: `icon ${extra}`.trim(), viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    makeSvg("path", { d: PATHS[name] ?? PATHS.calm }),
  );
}

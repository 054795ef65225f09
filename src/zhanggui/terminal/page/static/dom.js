// Making elements. Text is only ever set as text, so nothing that comes from the terminal can become markup.

const SVG = "http://www.w3.org/2000/svg";

export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function makeSvg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

// A part of the page that is drawn again only when what it shows has changed: focus and announcements stay where they are.
export function redrawer(element, draw) {
  let shown;
  return (...values) => {
    const wanted = JSON.stringify(values);
    if (wanted === shown) return false;
    shown = wanted;
    element.replaceChildren(...draw(...values).filter((child) => child !== null));
    return true;
  };
}

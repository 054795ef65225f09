// A slip as a PNG, drawn from the same layout on a canvas.

const SCALE = 2;
const MARGIN = 24;
const SIZE = 15;
const LEADING = 22;
const FONT = '"Noto Sans Mono CJK SC", ui-monospace, "PingFang SC", "Microsoft YaHei", monospace';
const STYLES = { title: [22, 700, 34], amount: [24, 700, 38], mark: [17, 700, 26] };

export async function savePicture(slip, columns) {
  const width = Math.round(columns * SIZE * 0.5 + 40) + 2 * MARGIN;
  const measure = document.createElement("canvas").getContext("2d");
  const height = drawSlip(measure, slip, width, false);
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const brush = canvas.getContext("2d");
  brush.scale(SCALE, SCALE);
  brush.fillStyle = "#ffffff";
  brush.fillRect(0, 0, width, height);
  brush.fillStyle = brush.strokeStyle = "#1c1f23";
  drawSlip(brush, slip, width, true);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${slip.id}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Draws, or only measures; the answer is the height.
function drawSlip(brush, slip, width, visible) {
  let y = MARGIN;
  const room = width - 2 * MARGIN;
  const put = (text, x, align) => {
    brush.textAlign = align;
    brush.textBaseline = "middle";
    if (visible) brush.fillText(text, x, y);
  };
  for (const line of slip.lines) {
    const [size, weight, leading] = STYLES[line.kind] ?? [SIZE, 400, LEADING];
    brush.font = `${weight} ${size}px ${FONT}`;
    y += leading / 2;
    if (line.kind === "rule") {
      if (visible) rule(brush, MARGIN, y, room);
    } else if (line.kind === "pair" || line.kind === "amount") {
      const both = brush.measureText(line.left).width + brush.measureText(line.right).width + SIZE;
      put(line.left, MARGIN, "left");
      if (both > room) y += leading;
      put(line.right, width - MARGIN, "right");
    } else if (line.kind === "bar_code") {
      if (visible) bars(brush, slip.bars ?? [], MARGIN, y, room);
      y += 36 + leading / 2;
      put(line.left, width / 2, "center");
    } else if (line.kind === "signature") {
      put(line.left, MARGIN, "left");
      if (line.right) {
        y += room / 6;
        brush.save();
        brush.fillStyle = "#969696";
        put(line.right, width / 2, "center");
        brush.restore();
        y -= room / 6;
      }
      if (visible) hand(brush, slip.strokes, MARGIN, y + LEADING / 2, room);
      y += room / 3 + LEADING / 2;
    } else {
      const centred = line.kind !== "text";
      const pieces = wrap(brush, line.right ? `${line.left} ${line.right}` : line.left, room);
      pieces.forEach((piece, at) => {
        if (at > 0) y += leading;
        put(piece, centred ? width / 2 : MARGIN, centred ? "center" : "left");
      });
    }
    y += leading / 2;
  }
  return Math.ceil(y + MARGIN);
}

function rule(brush, x, y, room) {
  brush.save();
  brush.setLineDash([4, 4]);
  brush.beginPath();
  brush.moveTo(x, y);
  brush.lineTo(x + room, y);
  brush.stroke();
  brush.restore();
}

// Whole points a module, so that every bar is as wide as it says.
function bars(brush, widths, left, top, room) {
  const modules = widths.reduce((sum, wide) => sum + wide, 0);
  const point = Math.max(1, Math.floor((SCALE * room) / modules)) / SCALE;
  let x = left + (room - modules * point) / 2;
  widths.forEach((wide, at) => {
    if (at % 2 === 0) brush.fillRect(x, top, wide * point, 36);
    x += wide * point;
  });
}

function hand(brush, strokes, x, y, room) {
  const scale = room / 480;
  brush.lineWidth = 1.6;
  for (const stroke of strokes) {
    brush.beginPath();
    stroke.forEach(([px, py], at) => brush[at ? "lineTo" : "moveTo"](x + px * scale, y + py * scale));
    brush.stroke();
  }
}

function wrap(brush, text, room) {
  const pieces = [""];
  for (const character of text) {
    const longer = pieces[pieces.length - 1] + character;
    if (brush.measureText(longer).width > room && longer.length > 1) pieces.push(character);
    else pieces[pieces.length - 1] = longer;
  }
  return pieces;
}

// A picture with at most 256 colours: what stands on a page in letters and areas needs no more. Gives its size, palette
// and lines (an indexed PNG's, compressed); exact colours are kept in the order of how often they occur.
const done = arguments[arguments.length - 1], picture = new Image();
picture.onload = async () => {
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  const data = new Uint32Array(pen.getImageData(0, 0, picture.width, picture.height).data.buffer);
  const often = new Map();
  for (const colour of data) often.set(colour, (often.get(colour) || 0) + 1);
  const kept = [...often].sort((one, other) => other[1] - one[1]).slice(0, 256).map(([colour]) => colour);
  const parts = (colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
  const palette = kept.map(parts), place = new Map(kept.map((colour, at) => [colour, at]));
  const nearest = (colour) => {
    const own = parts(colour);
    let best = 0, least = Infinity;
    palette.forEach((other, at) => {
      const far = own.reduce((sum, part, of) => sum + (part - other[of]) ** 2, 0);
      if (far < least) [best, least] = [at, far];
    });
    return best;
  };
  const lines = new Uint8Array((picture.width + 1) * picture.height);
  for (let at = 0; at < data.length; at++) {
    if (!place.has(data[at])) place.set(data[at], nearest(data[at]));
    lines[at + Math.floor(at / picture.width) + 1] = place.get(data[at]);
  }
  const packed = new Response(new Blob([lines]).stream().pipeThrough(new CompressionStream("deflate")));
  const bytes = new Uint8Array(await packed.arrayBuffer());
  done([picture.width, picture.height, palette.flat(), Array.from(bytes)]);
};
picture.src = "data:image/png;base64," + arguments[0];

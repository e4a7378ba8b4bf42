// The X server's picture of its screen (an XWD file) as a PNG: thirty lines are less to carry than an image package.
import * as zlib from 'node:zlib';

function crc32(bytes) {
  if (zlib.crc32) return zlib.crc32(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Turns a 24-bit XWD picture with 32 bits a pixel (what Xvfb writes) into a PNG. */
export function pngOfXwd(xwd) {
  const field = (index) => xwd.readUInt32BE(index * 4);
  const [headerSize, width, height, leastFirst, bitsPerPixel, bytesPerLine, colours] = [0, 4, 5, 7, 11, 12, 19].map(field);
  if (bitsPerPixel !== 32) throw new Error(`a picture with ${bitsPerPixel} bits a pixel`);
  const start = headerSize + colours * 12;
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0, to = 0; y < height; y += 1) {
    rows[to++] = 0;
    for (let x = 0, from = start + y * bytesPerLine; x < width; x += 1, from += 4) {
      const pixel = leastFirst === 0 ? xwd.readUInt32LE(from) : xwd.readUInt32BE(from);
      rows[to++] = pixel >>> 16;
      rows[to++] = pixel >>> 8;
      rows[to++] = pixel;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

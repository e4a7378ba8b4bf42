// compress.mjs <profile> <folder>…: lays a brotli copy beside every file that gains from one, and prints what a phone downloads.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [profile, ...folders] = process.argv.slice(2);
const COMPRESSIBLE = /\.(html|js|css|wasm|svg|json)$/;
// What the field app may weigh over a village's network (brotli, all files).
const FIELD_BYTES_MAX = 700_000;

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);

for (const folder of folders) {
  const name = folder.split('/').at(-1);
  let total = 0;
  const rows = [];
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath ?? file.path, file.name);
    const plain = readFileSync(path);
    let sent = plain.length;
    // Level 11 takes seconds and is worth them once per release; while writing screens nobody waits for it.
    if (profile === 'screens' && COMPRESSIBLE.test(file.name)) {
      const packed = brotliCompressSync(plain, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
      });
      if (packed.length < plain.length) {
        writeFileSync(`${path}.br`, packed);
        sent = packed.length;
      }
    }
    total += sent;
    rows.push(`    ${kilobytes(plain.length)} → ${kilobytes(sent)}  ${path.slice(folder.length + 1)}`);
  }
  console.log(`  ${name}: ${kilobytes(total).trim()} to download${profile === 'screens' ? ' (brotli)' : ''}`);
  console.log(rows.join('\n'));
  if (profile === 'screens' && name === 'field' && total > FIELD_BYTES_MAX) {
    console.log(`  ! the field app is over its ${kilobytes(FIELD_BYTES_MAX).trim()}`);
  }
}

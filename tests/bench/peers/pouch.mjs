// PouchDB with express-pouchdb, as a server and as a client that takes one command a line and answers one line of JSON.
//   node pouch.mjs server FOLDER PORT
//   node pouch.mjs client FOLDER ADDRESS DATA [BATCH]
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

// The packages lie where they were installed, not beside this file.
const require = createRequire(path.join(process.env.PEERS, 'package.json'));
const PouchDB = require('pouchdb');
const [role, folder, where, data, batch] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

if (role === 'server') {
  const Stored = PouchDB.defaults({ prefix: path.join(folder, '/') });
  const app = require('express')();
  app.use('/', require('express-pouchdb')(Stored, { mode: 'minimumForPouchDB', inMemoryConfig: true }));
  app.listen(Number(where), '127.0.0.1', () => console.log(JSON.stringify({ ready: true })));
} else {
  const options = batch ? { batch_size: Number(batch) } : {};
  const open = (name) => new PouchDB(path.join(folder, name));
  const remote = () => new PouchDB(`${where}/residents`, { skip_setup: false });
  const one = open('one');
  let two;
  const residents = readFileSync(data, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  const fine = (result) => {
    if (!result.ok || result.doc_write_failures) throw new Error(JSON.stringify(result));
    return result;
  };
  const commands = {
    async fill() {
      for (let at = 0; at < residents.length; at += 1000) {
        const docs = residents.slice(at, at + 1000).map(({ id, ...fields }) => ({ _id: id, ...fields }));
        await one.bulkDocs(docs);
      }
      return residents.length;
    },
    async push() {
      return fine(await one.replicate.to(remote(), options)).docs_written;
    },
    async first_sync() {
      two = open(`two-${Date.now()}`);
      const written = fine(await two.replicate.from(remote(), options)).docs_written;
      await two.get(residents[0].id);
      return written;
    },
    async edit(count) {
      const keys = residents.slice(0, Number(count)).map(({ id }) => id);
      const { rows } = await one.allDocs({ keys, include_docs: true });
      await one.bulkDocs(rows.map(({ doc }, at) => ({ ...doc, phone: `138${String(at + Date.now() % 1000000).padStart(8, '0')}` })));
      return keys.length;
    },
    async push_edits() {
      return fine(await one.replicate.to(remote(), options)).docs_written;
    },
    async pull_edits() {
      return fine(await two.replicate.from(remote(), options)).docs_written;
    },
    async nothing() {
      const up = fine(await one.replicate.to(remote(), options));
      const down = fine(await one.replicate.from(remote(), options));
      return up.docs_written + down.docs_written;
    },
  };
  console.log(JSON.stringify({ ready: true }));
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, ...rest] = line.split(' ');
    const began = process.hrtime.bigint();
    try {
      const count = await commands[command](...rest);
      console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - began) / 1e9, count }));
    } catch (error) {
      console.log(JSON.stringify({ error: String(error) }));
    }
  }
  process.exit(0);
}

// A program for the official Node SDK, in the manner of its guides.
import assert from 'node:assert/strict';
import Lmnt from 'lmnt-node';

const client = new Lmnt({ apiKey: 'a key', baseURL: process.argv[2] });

assert((await client.voices.list()).some((voice) => voice.id === 'lily'));
assert.equal((await client.accounts.retrieve()).plan.type, 'local');
const response = await client.speech.generate({ text: 'Hello there.', voice: 'lily' });
assert((await response.arrayBuffer()).byteLength > 5000);
const detailed = await client.speech.generateDetailed({
  text: 'Hello there.',
  voice: 'lily',
  return_timestamps: true,
});
assert.equal(detailed.timestamps.map((token) => token.text).join(''), 'Hello there.');
await assert.rejects(client.voices.retrieve('foo'), (error) => error.status === 404);

const session = client.speech.sessions.create({ voice: 'lily', format: 'mp3', return_timestamps: true });
session.sendText('Hello from ');
session.sendText('Node.');
const flush = session.sendFlush();
const kinds = [];
let words = '';
for await (const message of session) {
  if (kinds.at(-1) !== message.type) kinds.push(message.type);
  if (message.type === 'audio') assert(message.audio.byteLength > 0);
  if (message.type === 'timestamps') words += message.timestamps.map((token) => token.text).join('');
  if (message.type === 'flush_complete') {
    assert.equal(message.nonce, flush);
    session.sendText('dropped');
    session.sendReset();
    session.sendText('The end.');
    session.sendFinish();
  }
}
assert.equal(words, 'Hello from Node.The end.');
assert.equal(kinds[0], 'ready');
assert.equal(kinds.filter((kind) => kind === 'reset_complete').length, 1);
console.log('all well');

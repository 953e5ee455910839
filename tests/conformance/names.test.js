import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBucket, refused, storage } from './emulator.js';

const awkward = [
  'plain.txt', 'with space', ' leading and trailing ', '/leading/slash', 'trailing/slash/', 'double//slash', '//', '/',
  'a/./b', 'a/../b', '../up', '...', 'a/..', 'dot.', '.hidden', 'percent%20sign', '%2F', '%', 'plus+sign', 'a&b=c', 'question?mark',
  'hash#tag',
  'semi;colon', 'quote"s', "apostrophe's", 'back\\slash', 'colon:here', 'star*', 'pipe|', '<angle>', '[brackets]', '{braces}',
  'caret^', 'tilde~', 'back`tick',
  'dollar$', 'at@sign', 'exclaim!', 'comma,', '(parens)', 'umlaut-äöü', 'combining-a\u0308', '日本語', 'עברית', '😀.mp4',
  '\u200Bzero-width', 'tab\there', 'del\x7F', 'esc\x1B',
  'b', 'o', 'copyTo', 'rewriteTo', 'a/rewriteTo/b/x/o/y', 'storage/v1/b', 'upload', 'CON', 'nul.txt',
  'x'.repeat(255), `${'long/'.repeat(200)}end`, 'ü'.repeat(512),
];

test('every awkward name is stored, described, read, listed and deleted', async () => {
  const bucket = await newBucket();
  for (const [i, name] of awkward.entries()) await bucket.file(name).save(`content ${i}`, { resumable: i % 2 === 0 });
  const [listed] = await bucket.getFiles();
  assert.deepEqual(listed.map(file => file.name).sort(), [...awkward].sort());
  for (const [i, name] of awkward.entries()) {
    const file = bucket.file(name);
    assert.equal((await file.getMetadata())[0].name, name);
    assert.equal((await file.download())[0].toString(), `content ${i}`, name);
    const [only] = await bucket.getFiles({ prefix: name, maxResults: 1, autoPaginate: false });
    assert.equal(only[0].name, name);
  }
  for (const name of awkward) await bucket.file(name).delete();
  assert.deepEqual((await bucket.getFiles())[0], []);
  await bucket.delete();
});

test('every awkward name is copied and patched', async () => {
  const bucket = await newBucket();
  await bucket.file('source').save('x');
  for (const name of awkward) {
    const [copy] = await bucket.file('source').copy(bucket.file(name));
    await copy.setMetadata({ metadata: { name: Buffer.from(name).toString('base64') } });
    assert.equal((await copy.getMetadata())[0].metadata.name, Buffer.from(name).toString('base64'));
  }
});

test('the links of an awkward name lead to it', async () => {
  const bucket = await newBucket();
  for (const [i, name] of awkward.entries()) {
    const file = bucket.file(name);
    await file.save(`content ${i}`, { resumable: false });
    const [{ mediaLink, selfLink }] = await file.getMetadata();
    assert.equal(await (await fetch(mediaLink)).text(), `content ${i}`, name);
    assert.equal((await (await fetch(selfLink)).json()).name, name);
  }
});

test('a name and the folder of the same name live side by side', async () => {
  const bucket = await newBucket();
  for (const name of ['a/b', 'a', 'a/b/c', 'a/']) await bucket.file(name).save(name);
  for (const name of ['a/b', 'a', 'a/b/c', 'a/']) assert.equal((await bucket.file(name).download())[0].toString(), name);
});

test('names that differ only in case or in Unicode form are different objects', async () => {
  const bucket = await newBucket();
  for (const name of ['case', 'CASE', 'é', 'e\u0301']) await bucket.file(name).save(name);
  for (const name of ['case', 'CASE', 'é', 'e\u0301']) assert.equal((await bucket.file(name).download())[0].toString(), name);
});

test('names against the rules are refused', async () => {
  const bucket = await newBucket();
  for (const name of ['x'.repeat(1025), 'ü'.repeat(513), 'line\nfeed', 'carriage\rreturn', '.well-known/acme-challenge/x'])
    await refused(bucket.file(name).save('x', { resumable: false }), 400, 'invalid');
  await refused(storage.bucket(bucket.name).file('.').save('x', { resumable: false }), 400, 'invalid');
  await refused(bucket.file('..').save('x', { resumable: false }), 400, 'invalid');
});

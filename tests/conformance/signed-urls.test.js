import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { endpoint, newBucket, storageWith } from './emulator.js';

// The account whose key this run made: the emulator knows its public half.
const credentials = JSON.parse(await readFile(process.env.CRISPY_SIGNER, 'utf8'));
const signing = storageWith({ credentials });
const inTenMinutes = () => Date.now() + 600_000;

async function fileFor(name) {
  const bucket = await newBucket();
  return signing.bucket(bucket.name).file(name);
}

const save = (file, text, options) => storageWith().bucket(file.bucket.name).file(file.name).save(text, options);

test('a signed URL reads an object of any name', async () => {
  for (const version of ['v4', 'v2']) for (const name of ['a.txt', 'folder/a b.txt', 'ä+%&=?#.mp4', '日本語/😀']) {
    const file = await fileFor(name);
    await save(file, 'hello');
    const [url] = await file.getSignedUrl({ version, action: 'read', expires: inTenMinutes() });
    assert.ok(url.startsWith(endpoint), url);
    const answer = await fetch(url);
    assert.deepEqual([answer.status, await answer.text()], [200, 'hello'], url);
  }
});

test('a signed URL decides how a browser takes the answer', async () => {
  const file = await fileFor('a.mkv');
  await save(file, 'hello', { contentType: 'video/x-matroska' });
  const [url] = await file.getSignedUrl({
    version: 'v4', action: 'read', expires: inTenMinutes(), promptSaveAs: 'clip one.mkv', responseType: 'video/webm'
  });
  const answer = await fetch(url);
  assert.equal(answer.headers.get('content-type'), 'video/webm');
  assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="clip one.mkv"');
});

test('a signed URL takes ranges', async () => {
  const file = await fileFor('a');
  await save(file, '0123456789');
  const [url] = await file.getSignedUrl({ version: 'v4', action: 'read', expires: inTenMinutes() });
  const answer = await fetch(url, { headers: { range: 'bytes=3-5' } });
  assert.deepEqual([answer.status, await answer.text()], [206, '345']);
});

test('a signed URL writes, with the headers that were signed', async () => {
  for (const version of ['v4', 'v2']) {
    const file = await fileFor('a');
    const [url] = await file.getSignedUrl({
      version, action: 'write', expires: inTenMinutes(), contentType: 'text/plain', extensionHeaders: { 'x-goog-meta-k': 'v' }
    });
    const headers = { 'content-type': 'text/plain', 'x-goog-meta-k': 'v' };
    const without = await fetch(url, { method: 'PUT', body: 'x', headers: { 'content-type': 'text/plain' } });
    assert.ok([400, 403].includes(without.status), `${version}: ${without.status}`);
    assert.equal((await fetch(url, { method: 'PUT', body: 'hello', headers })).status, 200);
    const [metadata] = await storageWith().bucket(file.bucket.name).file('a').getMetadata();
    assert.deepEqual([metadata.contentType, metadata.metadata], ['text/plain', { k: 'v' }]);
  }
});

test('a signed URL begins a resumable upload', async () => {
  const file = await fileFor('big');
  const [url] = await file.getSignedUrl({ version: 'v4', action: 'resumable', expires: inTenMinutes() });
  const begun = await fetch(url, { method: 'POST', headers: { 'x-goog-resumable': 'start' } });
  assert.equal(begun.status, 201);
  assert.equal((await fetch(begun.headers.get('location'), { method: 'PUT', body: 'hello' })).status, 200);
  assert.equal((await storageWith().bucket(file.bucket.name).file('big').download())[0].toString(), 'hello');
});

test('a signed URL deletes', async () => {
  const file = await fileFor('a');
  await save(file, 'x');
  const [url] = await file.getSignedUrl({ version: 'v4', action: 'delete', expires: inTenMinutes() });
  assert.equal((await fetch(url, { method: 'DELETE' })).status, 204);
  assert.deepEqual(await storageWith().bucket(file.bucket.name).file('a').exists(), [false]);
});

test('a signed URL is good for what it was signed for alone', async () => {
  for (const version of ['v4', 'v2']) {
    const file = await fileFor('a');
    await save(file, 'hello');
    await save(file.bucket.file('b'), 'other');
    const [url] = await file.getSignedUrl({ version, action: 'read', expires: inTenMinutes() });
    const refused = async (altered, options) => {
      const answer = await fetch(altered, options);
      assert.equal(answer.status, 403, `${version} ${altered}`);
      assert.match(await answer.text(), /<Code>SignatureDoesNotMatch<\/Code>/);
    };
    await refused(url, { method: 'DELETE' });
    await refused(url, { method: 'PUT', body: 'x' });
    await refused(url.replace(`${file.bucket.name}/a`, `${file.bucket.name}/b`));
    await refused(url.replace(/(Signature=)[^&]{6}/, (_, key) => `${key}000000`));
    if (version === 'v4') await refused(url.replace(/X-Goog-Expires=\d+/, 'X-Goog-Expires=604800'));
    else await refused(url.replace(/Expires=\d+/, 'Expires=4102444800'));
  }
});

test('a signed URL that has expired is refused', async () => {
  const file = await fileFor('a');
  await save(file, 'hello');
  for (const version of ['v4', 'v2']) {
    const [url] = await file.getSignedUrl({ version, action: 'read', expires: Date.now() + 1500 });
    let answer;
    do answer = await fetch(url); while (answer.status === 200);
    assert.deepEqual([answer.status, /<Code>ExpiredToken<\/Code>/.test(await answer.text())], [400, true]);
  }
});

test('a signed URL of an account that nobody knows is refused', async () => {
  const stranger = storageWith({ credentials: { ...credentials, client_email: 'stranger@example.iam.gserviceaccount.com' } });
  const file = await fileFor('a');
  await save(file, 'hello');
  for (const version of ['v4', 'v2']) {
    const [url] = await stranger.bucket(file.bucket.name).file('a').getSignedUrl({ version, action: 'read', expires: inTenMinutes() });
    assert.equal((await fetch(url)).status, 403);
  }
});

test('a failure of the XML API is XML', async () => {
  const file = await fileFor('missing');
  const [url] = await file.getSignedUrl({ version: 'v4', action: 'read', expires: inTenMinutes() });
  const answer = await fetch(url);
  assert.equal(answer.status, 404);
  assert.match(answer.headers.get('content-type'), /^application\/xml/);
  assert.match(await answer.text(), /<Code>NoSuchKey<\/Code><Message>The specified key does not exist\.<\/Message>/);
});

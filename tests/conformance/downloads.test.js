import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bytes, collect, endpoint, fault, KiB, MiB, newBucket, refused, sameBytes } from './emulator.js';

/** A request without any header of the runtime's own. */
const get = (path, headers = {}, method = 'GET') => new Promise((resolve, reject) => {
  const sent = request(endpoint + path, { headers, method }, async response => {
    try {
      resolve({ status: response.statusCode, headers: response.headers, body: await collect(response) });
    } catch (broken) {
      reject(broken);
    }
  });
  sent.on('error', reject).end();
});

const mediaPath = file => `/storage/v1/b/${file.bucket.name}/o/${encodeURIComponent(file.name)}?alt=media`;

test('ranges give exactly their bytes', async () => {
  const [file, data] = [(await newBucket()).file('a'), bytes(300 * KiB)];
  await file.save(data);
  const ranges = [[0, 0], [0, 99], [1000, 200_000], [data.length - 1, data.length - 1], [0, data.length - 1], [5, undefined],
    [100, 10_000_000]];
  for (const [start, end] of ranges)
    sameBytes(await collect(file.createReadStream({ start, end })), data.subarray(start, end === undefined ? undefined : end + 1));
  sameBytes(await collect(file.createReadStream({ end: -10 })), data.subarray(-10));
});

test('a range says where it lies in the whole', async () => {
  const file = (await newBucket()).file('a');
  await file.save('0123456789');
  const part = await get(mediaPath(file), { range: 'bytes=2-4' });
  assert.deepEqual([part.status, part.headers['content-range'], part.headers['content-length'], part.body.toString()],
    [206, 'bytes 2-4/10', '3', '234']);
  const several = await get(mediaPath(file), { range: 'bytes=0-1,4-5' });
  assert.deepEqual([several.status, several.body.toString()], [200, '0123456789']);
});

test('a range beyond the end cannot be satisfied', async () => {
  const file = (await newBucket()).file('a');
  await file.save('0123456789');
  await refused(file.download({ start: 10 }), 416);
  const answer = await get(mediaPath(file), { range: 'bytes=10-' });
  assert.deepEqual([answer.status, answer.headers['content-range']], [416, 'bytes */10']);
  const empty = file.bucket.file('empty');
  await empty.save('');
  assert.equal((await empty.download())[0].length, 0);
  await refused(empty.download({ start: 0, end: 5 }), 416);
});

test('a download carries the checksums of the object', async () => {
  const file = (await newBucket()).file('a');
  await file.save('hello');
  const answer = await get(mediaPath(file));
  assert.match(answer.headers['x-goog-hash'], /crc32c=mnG7TA==/);
  assert.match(answer.headers['x-goog-hash'], /md5=XUFAKrxLKna5cZ2REBfFkg==/);
  assert.equal(answer.headers['x-goog-stored-content-length'], '5');
  assert.equal(answer.headers['x-goog-generation'], file.metadata.generation);
});

test('a download whose connection breaks is cut off', async () => {
  const file = (await newBucket()).file('a');
  await file.save(bytes(2 * MiB));
  await fault(`${file.bucket.name}/o/a`, { match: { method: 'GET' }, fault: 'resetMidBody' });
  await assert.rejects(get(mediaPath(file)), { code: 'ECONNRESET' });
});

test('the client checks either checksum of a download', async () => {
  const [file, data] = [(await newBucket()).file('a'), bytes(1000)];
  await file.save(data);
  for (const validation of ['md5', 'crc32c', false]) sameBytes((await file.download({ validation }))[0], data);
});

test('the client notices bytes that do not have the announced CRC32C', async () => {
  const [file, data] = [(await newBucket()).file('a'), bytes(100 * KiB)];
  await file.save(data);
  await fault(`${file.bucket.name}/o/a`, { match: { method: 'GET' }, fault: 'wrongCrc' });
  const error = await file.download({ validation: 'crc32c' }).then(() => assert.fail('it was taken for whole'), failure => failure);
  assert.equal(error.code, 'CONTENT_DOWNLOAD_MISMATCH');
  sameBytes((await file.download({ validation: 'crc32c' }))[0], data);
});

// Not a connection that breaks: where it does, this client's stream never ends.
test('the client notices a download that ends too early', async () => {
  const [file, data] = [(await newBucket()).file('a'), bytes(2 * MiB)];
  await file.save(data);
  await fault(`${file.bucket.name}/o/a`, { match: { method: 'GET' }, fault: 'truncate' });
  await assert.rejects(collect(file.createReadStream({ validation: 'crc32c' })), { code: 'CONTENT_DOWNLOAD_MISMATCH' });
  sameBytes((await file.download({ validation: 'crc32c' }))[0], data);
});

test('gzipped objects are inflated for who does not take gzip', async () => {
  const [bucket, text] = [await newBucket(), 'some text, '.repeat(1000)];
  const file = bucket.file('a.txt');
  await file.save(gzipSync(text), { metadata: { contentEncoding: 'gzip', contentType: 'text/plain' } });
  const packed = await get(mediaPath(file), { 'accept-encoding': 'gzip' });
  assert.deepEqual([packed.headers['content-encoding'], packed.headers['x-goog-stored-content-encoding']], ['gzip', 'gzip']);
  sameBytes(packed.body, gzipSync(text));
  const inflated = await get(mediaPath(file));
  assert.deepEqual([inflated.headers['content-encoding'], inflated.headers['x-goog-stored-content-encoding'], inflated.body.toString()],
    [undefined, 'gzip', text]);
  const ranged = await get(mediaPath(file), { range: 'bytes=0-3' });
  assert.deepEqual([ranged.status, ranged.body.toString()], [200, text]);
  await file.setMetadata({ cacheControl: 'no-transform' });
  sameBytes((await get(mediaPath(file))).body, gzipSync(text));
});

test('the answer to HEAD has the headers of the download and no body', async () => {
  const file = (await newBucket()).file('a');
  await file.save('hello', { contentType: 'text/plain' });
  const answer = await get(`/${file.bucket.name}/a`, {}, 'HEAD');
  assert.deepEqual([answer.status, answer.headers['content-length'], answer.headers['content-type'], answer.body.length],
    [200, '5', 'text/plain', 0]);
});

test('preconditions hold for downloads too', async () => {
  const file = (await newBucket()).file('a');
  await file.save('hello');
  const { generation } = file.metadata;
  assert.equal((await get(`${mediaPath(file)}&ifGenerationMatch=${generation}`)).body.toString(), 'hello');
  assert.equal((await get(`${mediaPath(file)}&ifGenerationMatch=1`)).status, 412);
  assert.equal((await get(`${mediaPath(file)}&ifGenerationNotMatch=${generation}`)).status, 304);
});

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { TransferManager } from '@google-cloud/storage';
import { bytes, collect, endpoint, fault, KiB, md5, MiB, newBucket, refused, sameBytes } from './emulator.js';

const sizes = [0, 1, 255, 256 * KiB - 1, 256 * KiB, 256 * KiB + 1, 3 * MiB + 7];
const largest = 64 * MiB;

async function storedWhole(file, data) {
  const [metadata] = await file.getMetadata();
  assert.equal(metadata.size, `${data.length}`);
  assert.equal(metadata.md5Hash, md5(data));
  const [downloaded] = await file.download({ validation: 'crc32c' });
  sameBytes(downloaded, data);
}

/** In pieces of odd sizes, so that no boundary is met by accident. */
function* pieces(data, size = 100_003) {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

const upload = (file, data, options) => pipeline(Readable.from(pieces(data)), file.createWriteStream(options));

test('a multipart upload of any size is stored whole', async t => {
  const bucket = await newBucket();
  for (const size of [...sizes, largest]) await t.test(`${size} bytes`, async () => {
    const [file, data] = [bucket.file(`multipart/${size}`), bytes(size)];
    await file.save(data, { resumable: false, validation: 'crc32c' });
    await storedWhole(file, data);
  });
});

test('a resumable upload in one piece, of any size, is stored whole', async t => {
  const bucket = await newBucket();
  for (const size of [...sizes, largest]) await t.test(`${size} bytes`, async () => {
    const [file, data] = [bucket.file(`one/${size}`), bytes(size)];
    await file.save(data, { resumable: true, metadata: { contentLength: size } });
    await storedWhole(file, data);
  });
});

test('a resumable upload in many pieces is stored whole', async t => {
  const bucket = await newBucket();
  for (const [size, chunkSize] of [[1, 256 * KiB], [512 * KiB, 256 * KiB], [MiB + 1, 256 * KiB], [9 * MiB + 5, MiB], [largest, 8 * MiB]])
    await t.test(`${size} bytes by ${chunkSize}`, async () => {
      const [file, data] = [bucket.file(`many/${size}`), bytes(size)];
      await upload(file, data, { resumable: true, chunkSize, metadata: { contentLength: size } });
      await storedWhole(file, data);
    });
});

test('a resumable upload of unknown length is stored whole', async t => {
  const bucket = await newBucket();
  for (const chunkSize of [undefined, 256 * KiB]) for (const size of sizes.filter(each => each > 0 || !chunkSize))
    await t.test(`${size} bytes by ${chunkSize ?? 'one request'}`, async () => {
      const [file, data] = [bucket.file(`unknown/${chunkSize}/${size}`), bytes(size)];
      await upload(file, data, { resumable: true, chunkSize });
      await storedWhole(file, data);
    });
});

// For nothing in pieces this client announces "bytes 0--1/0", which is no range: Cloud Storage refuses it too.
test('a resumable upload of nothing in pieces is refused', async () => {
  const file = (await newBucket()).file('a');
  const error = await refused(upload(file, Buffer.alloc(0), { resumable: true, chunkSize: 256 * KiB }), 400);
  assert.match(error.message, /Failed to parse Content-Range header/);
});

test('a multipart upload of unknown length is stored whole', async () => {
  const [file, data] = [(await newBucket()).file('a'), bytes(2 * MiB + 3)];
  await upload(file, data, { resumable: false });
  await storedWhole(file, data);
});

test('a media upload takes its name from the query and its type from the header', async () => {
  const [bucket, data] = [await newBucket(), bytes(1000)];
  const response = await fetch(`${endpoint}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=x%2Fy`,
    { method: 'POST', body: data, headers: { 'content-type': 'image/png' } });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).contentType, 'image/png');
  await storedWhole(bucket.file('x/y'), data);
});

test('an upload that stops half way is resumed where the bucket left off', async () => {
  const [file, data] = [(await newBucket()).file('a'), bytes(2 * MiB + 11)];
  const [uri] = await file.createResumableUpload({ metadata: { contentType: 'video/mp4' } });
  const resumeCRC32C = await new Promise((resolve, reject) => {
    let crc32c;
    const stream = file.createWriteStream({ uri, resumable: true, chunkSize: 256 * KiB, isPartialUpload: true });
    stream.on('error', reject).on('crc32c', value => { crc32c = value; }).on('finish', () => resolve(crc32c));
    stream.end(data.subarray(0, MiB));
  });
  assert.deepEqual(await file.exists(), [false]);
  const status = await fetch(uri, { method: 'PUT', headers: { 'content-range': 'bytes */*' }, redirect: 'manual' });
  assert.equal(status.status, 308);
  assert.equal(status.headers.get('range'), `bytes=0-${MiB - 1}`);
  await upload(file, data.subarray(MiB), { uri, resumable: true, offset: MiB, resumeCRC32C });
  await storedWhole(file, data);
  assert.equal((await file.getMetadata())[0].contentType, 'video/mp4');
});

test('an upload whose connection breaks is resumed by the client itself', async () => {
  const bucket = await newBucket();
  for (const broken of ['resetMidBody', 'resetBeforeBody']) {
    const [file, data] = [bucket.file(broken), bytes(3 * MiB)];
    await fault(bucket.name, { match: { method: 'PUT' }, fault: broken });
    await upload(file, data, { resumable: true, chunkSize: MiB, preconditionOpts: { ifGenerationMatch: 0 } });
    await storedWhole(file, data);
  }
});

test('an upload that the bucket answers with an error for now goes on', async () => {
  const bucket = await newBucket();
  for (const status of [408, 429, 500, 502, 503, 504]) {
    const [file, data] = [bucket.file(`${status}`), bytes(MiB)];
    await fault(bucket.name, { match: { method: 'PUT' }, fault: 'status', status });
    await upload(file, data, { resumable: true, chunkSize: 256 * KiB, preconditionOpts: { ifGenerationMatch: 0 } });
    await storedWhole(file, data);
  }
});

test('a resumable upload that was complete answers again with its object', async () => {
  const file = (await newBucket()).file('a');
  const [uri] = await file.createResumableUpload();
  const put = range => fetch(uri, { method: 'PUT', headers: range ? { 'content-range': range } : {}, body: range ? undefined : 'whole' });
  const first = await (await put()).json();
  assert.equal((await (await put('bytes */5')).json()).generation, first.generation);
  assert.equal((await (await put('bytes */*')).json()).generation, first.generation);
});

test('a cancelled upload is gone', async () => {
  const file = (await newBucket()).file('a');
  const [uri] = await file.createResumableUpload();
  const cancelled = await fetch(uri, { method: 'DELETE' });
  assert.equal(cancelled.status, 499);
  const after = await fetch(uri, { method: 'PUT', body: 'late' });
  assert.ok([404, 410, 499].includes(after.status), `${after.status}`);
  assert.deepEqual(await file.exists(), [false]);
});

test('checksums that a client announces are checked in every way of uploading', async () => {
  const bucket = await newBucket();
  const wrong = { crc32c: 'AAAAAA==', md5Hash: 'AAAAAAAAAAAAAAAAAAAAAA==' };
  for (const [field, value] of Object.entries(wrong)) for (const resumable of [false, true]) {
    const file = bucket.file(`${field}-${resumable}`);
    await refused(file.save('some bytes', { resumable, validation: false, metadata: { [field]: value } }), 400);
    assert.deepEqual(await file.exists(), [false]);
  }
  const header = { 'x-goog-hash': 'crc32c=AAAAAA==' };
  const media = await fetch(`${endpoint}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=m`,
    { method: 'POST', body: 'some bytes', headers: header });
  assert.equal(media.status, 400);
  const [uri] = await bucket.file('r').createResumableUpload();
  const last = await fetch(uri, { method: 'PUT', body: 'some bytes', headers: header });
  assert.equal(last.status, 400);
  assert.deepEqual((await bucket.getFiles())[0], []);
});

test('the client notices a checksum that the bucket answers wrong', async () => {
  const bucket = await newBucket();
  await fault(bucket.name, { match: { method: 'POST', uploadType: 'multipart' }, fault: 'wrongCrc' });
  await assert.rejects(bucket.file('a').save('bytes', { resumable: false, validation: 'crc32c' }), /did not match/);
});

test('what is uploaded gzipped is stored gzipped and downloaded inflated', async () => {
  const [bucket, text] = [await newBucket(), 'lots of text, '.repeat(5000)];
  for (const resumable of [false, true]) {
    const file = bucket.file(`text-${resumable}`);
    await file.save(text, { gzip: true, resumable, contentType: 'text/plain' });
    const [metadata] = await file.getMetadata();
    assert.equal(metadata.contentEncoding, 'gzip');
    assert.ok(Number(metadata.size) < text.length / 10, metadata.size);
    assert.equal((await file.download())[0].toString(), text);
    const raw = await collect(file.createReadStream({ decompress: false }));
    assert.equal(gunzipSync(raw).toString(), text);
  }
});

test('a request body that is gzipped itself is inflated', async () => {
  const bucket = await newBucket();
  const response = await fetch(`${endpoint}/storage/v1/b/${bucket.name}`, {
    method: 'PATCH', body: gzipSync('{"labels":{"packed":"yes"}}'),
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  });
  assert.equal(response.status, 200);
  assert.deepEqual(await bucket.getLabels(), [{ packed: 'yes' }]);
});

test('a file is uploaded from the disk, with its type', async () => {
  const [bucket, data] = [await newBucket(), bytes(700 * KiB)];
  const folder = await mkdtemp(join(tmpdir(), 'crispy-'));
  try {
    await writeFile(join(folder, 'clip.mp4'), data);
    const [file] = await bucket.upload(join(folder, 'clip.mp4'),
      { destination: 'cam/clip.mp4', preconditionOpts: { ifGenerationMatch: 0 } });
    assert.equal(file.metadata.contentType, 'video/mp4');
    await storedWhole(file, data);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('many files are uploaded at once, and downloaded in parallel pieces', async () => {
  const bucket = await newBucket();
  const manager = new TransferManager(bucket);
  const folder = await mkdtemp(join(tmpdir(), 'crispy-'));
  try {
    const data = Array.from({ length: 20 }, (_, i) => bytes(i * 1000));
    for (const [i, content] of data.entries()) await writeFile(join(folder, `${i}`), content);
    await manager.uploadManyFiles(data.map((_, i) => join(folder, `${i}`)),
      { customDestinationBuilder: path => path.slice(folder.length + 1), concurrencyLimit: 8 });
    for (const [i, content] of data.entries()) sameBytes((await bucket.file(`${i}`).download())[0], content);
    const big = bytes(5 * MiB + 1);
    await bucket.file('big').save(big);
    const [joined] = await manager.downloadFileInChunks(bucket.file('big'),
      { chunkSizeBytes: MiB, destination: join(folder, 'big'), noReturnData: false, validation: 'crc32c' });
    sameBytes(joined, big);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('of uploads at once that must create, one wins', async () => {
  const bucket = await newBucket();
  const all = await Promise.allSettled(Array.from({ length: 12 }, (_, i) =>
    bucket.file('one').save(`${i}`, { resumable: i % 2 === 0, preconditionOpts: { ifGenerationMatch: 0 } })));
  assert.equal(all.filter(each => each.status === 'fulfilled').length, 1);
  for (const each of all.filter(each => each.status === 'rejected')) assert.equal(Number(each.reason.code), 412);
  const winner = all.findIndex(each => each.status === 'fulfilled');
  assert.equal((await bucket.file('one').download())[0].toString(), `${winner}`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, endpoint, KiB, newBucket, refused, sameBytes } from './emulator.js';

test('an object is described in full, 64-bit numbers as strings', async () => {
  const file = (await newBucket()).file('folder/a.txt');
  await file.save('hello', { contentType: 'text/plain' });
  const [metadata] = await file.getMetadata();
  assert.equal(metadata.kind, 'storage#object');
  assert.equal(metadata.id, `${file.bucket.name}/folder/a.txt/${metadata.generation}`);
  for (const number of ['generation', 'metageneration', 'size']) assert.equal(typeof metadata[number], 'string', number);
  assert.equal(metadata.crc32c, 'mnG7TA==');
  assert.equal(metadata.md5Hash, 'XUFAKrxLKna5cZ2REBfFkg==');
  assert.equal(metadata.storageClass, 'STANDARD');
  for (const time of ['timeCreated', 'updated', 'timeStorageClassUpdated', 'timeFinalized'])
    assert.match(metadata[time], /^\d{4}-.*\.\d{3}Z$/, time);
  assert.equal(await (await fetch(metadata.mediaLink)).text(), 'hello');
  assert.equal((await (await fetch(metadata.selfLink)).json()).etag, metadata.etag);
});

test('everything that can be set at upload comes back', async () => {
  const file = (await newBucket()).file('a');
  const given = {
    cacheControl: 'no-store', contentDisposition: 'attachment; filename="a.bin"', contentLanguage: 'de', contentType: 'application/x-own',
    customTime: '2026-11-22T17:08:44.123Z', storageClass: 'COLDLINE', metadata: { key: 'välue ✓', 'Mixed-Case': 'kept' },
  };
  for (const resumable of [false, true]) {
    await file.save('x', { resumable, metadata: given });
    const [metadata] = await file.getMetadata();
    for (const [key, value] of Object.entries(given)) assert.deepEqual(metadata[key], value, key);
  }
});

test('custom metadata is merged key by key, and null removes', async () => {
  const file = (await newBucket()).file('a');
  await file.save('x', { metadata: { metadata: { a: '1', b: '2' }, cacheControl: 'no-store' } });
  const [changed] = await file.setMetadata({ metadata: { b: null, c: '3' }, contentLanguage: 'en' });
  assert.deepEqual(changed.metadata, { a: '1', c: '3' });
  assert.equal(changed.cacheControl, 'no-store');
  assert.equal(changed.metageneration, '2');
  assert.equal(changed.generation, file.metadata.generation);
  const [cleared] = await file.setMetadata({ metadata: null, cacheControl: null });
  assert.equal(cleared.metadata, undefined);
  assert.equal(cleared.cacheControl, undefined);
});

test('custom metadata over 8 KiB is refused', async () => {
  const file = (await newBucket()).file('a');
  await file.save('x', { resumable: false, metadata: { metadata: { k: 'v'.repeat(8 * KiB - 1) } } });
  await refused(file.save('x', { resumable: false, metadata: { metadata: { k: 'v'.repeat(8 * KiB) } } }), 400, 'invalid');
  await refused(file.setMetadata({ metadata: { l: 'v' } }), 400, 'invalid');
});

test('an object that does not exist is not found, by the words that Cloud Storage uses', async () => {
  const file = (await newBucket()).file('no/such thing');
  assert.deepEqual(await file.exists(), [false]);
  const error = await refused(file.getMetadata(), 404, 'notFound');
  assert.equal(error.errors[0].message, `No such object: ${file.bucket.name}/no/such thing`);
  await refused(file.delete(), 404, 'notFound');
  await file.delete({ ignoreNotFound: true });
  await refused(file.setMetadata({ cacheControl: 'x' }), 404, 'notFound');
  await refused(file.copy('b'), 404, 'notFound');
  const download = await refused(file.download(), 404);
  assert.match(download.message, /No such object/);
});

test('a download that fails answers in plain text, everything else in JSON', async () => {
  const bucket = await newBucket();
  const media = await fetch(`${endpoint}/storage/v1/b/${bucket.name}/o/nothing?alt=media`);
  assert.equal(await media.text(), `No such object: ${bucket.name}/nothing`);
  const json = await fetch(`${endpoint}/storage/v1/b/${bucket.name}/o/nothing`);
  assert.equal((await json.json()).error.code, 404);
});

test('an upload replaces the object only where the generation is the expected one', async () => {
  const file = (await newBucket()).file('a');
  for (const resumable of [false, true]) {
    await file.save('first', { resumable, preconditionOpts: resumable ? undefined : { ifGenerationMatch: 0 } });
    const generation = file.metadata.generation;
    await refused(file.save('second', { resumable, preconditionOpts: { ifGenerationMatch: 0 } }), 412,
      resumable ? undefined : 'conditionNotMet');
    await refused(file.save('second', { resumable, preconditionOpts: { ifGenerationNotMatch: generation } }), 412);
    await refused(file.save('second', { resumable, preconditionOpts: { ifMetagenerationMatch: 9 } }), 412);
    await file.save('second', { resumable, preconditionOpts: { ifGenerationMatch: generation, ifMetagenerationMatch: 1 } });
    assert.equal((await file.download())[0].toString(), 'second');
    assert.notEqual(file.metadata.generation, generation);
  }
});

test('reads, changes and deletions hold to their preconditions', async () => {
  const file = (await newBucket()).file('a');
  await file.save('x');
  const { generation } = file.metadata;
  await file.getMetadata({ ifGenerationMatch: generation });
  const error = await refused(file.getMetadata({ ifGenerationMatch: 1 }), 412, 'conditionNotMet');
  assert.equal(error.errors[0].message, 'At least one of the pre-conditions you specified did not hold.');
  await refused(file.getMetadata({ ifGenerationNotMatch: generation }), 304);
  await refused(file.getMetadata({ ifMetagenerationNotMatch: 1 }), 304);
  await refused(file.setMetadata({ cacheControl: 'x' }, { ifMetagenerationMatch: 2 }), 412, 'conditionNotMet');
  await file.setMetadata({ cacheControl: 'x' }, { ifMetagenerationMatch: 1 });
  await refused(file.delete({ ifMetagenerationMatch: 1 }), 412, 'conditionNotMet');
  await refused(file.delete({ ifGenerationMatch: 1 }), 412, 'conditionNotMet');
  await file.delete({ ifGenerationMatch: generation });
  assert.deepEqual(await file.exists(), [false]);
});

test('a generation that is no more is not found', async () => {
  const file = (await newBucket()).file('a');
  await file.save('old');
  const old = file.metadata.generation;
  await file.save('new');
  const before = file.bucket.file('a', { generation: old });
  await refused(before.getMetadata(), 404, 'notFound');
  await refused(before.download(), 404);
  await refused(before.delete(), 404, 'notFound');
  assert.equal((await file.bucket.file('a', { generation: file.metadata.generation }).download())[0].toString(), 'new');
});

test('an answer holds only the fields that were asked for', async () => {
  const bucket = await newBucket();
  await bucket.file('a/b').save('x', { metadata: { metadata: { k: 'v', l: 'w' } } });
  const [some] = await bucket.file('a/b').getMetadata({ fields: 'name,size,metadata/k' });
  assert.deepEqual(some, { name: 'a/b', size: '1', metadata: { k: 'v' } });
  const [, , listed] = await bucket.getFiles({ fields: 'items(name,crc32c),nextPageToken', autoPaginate: false });
  assert.deepEqual(Object.keys(listed.items[0]), ['name', 'crc32c']);
  assert.equal(listed.kind, undefined);
  const uploaded = await fetch(
    `${endpoint}/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=n&fields=generation,crc32c`, { method: 'POST', body: 'x' });
  assert.deepEqual(Object.keys(await uploaded.json()).sort(), ['crc32c', 'generation']);
});

test('a copy keeps what its source says of itself', async () => {
  const [from, to] = [await newBucket(), await newBucket()];
  const data = bytes(300 * KiB);
  await from.file('a').save(data, { contentType: 'video/mp4', metadata: { metadata: { k: 'v' } } });
  const [copy] = await from.file('a').copy(to.file('x/y'));
  const [metadata] = await copy.getMetadata();
  assert.deepEqual([metadata.contentType, metadata.metadata], ['video/mp4', { k: 'v' }]);
  sameBytes((await copy.download())[0], data);
  await refused(from.file('a').copy(to.file('x/y'), { preconditionOpts: { ifGenerationMatch: 0 } }), 412, 'conditionNotMet');
});

test('a copy with metadata of its own has that instead', async () => {
  const bucket = await newBucket();
  await bucket.file('a').save('x', { contentType: 'video/mp4', metadata: { cacheControl: 'no-store', metadata: { k: 'v' } } });
  const [copy] = await bucket.file('a').copy('b', { contentType: 'text/plain', metadata: { own: '1' } });
  const [metadata] = await copy.getMetadata();
  assert.deepEqual([metadata.contentType, metadata.metadata, metadata.cacheControl], ['text/plain', { own: '1' }, undefined]);
});

test('an object is moved, in two steps and in one', async () => {
  const bucket = await newBucket();
  await bucket.file('a').save('x', { metadata: { metadata: { k: 'v' } } });
  await bucket.file('a').move('b');
  await bucket.file('b').moveFileAtomic('c');
  assert.deepEqual((await bucket.getFiles())[0].map(file => file.name), ['c']);
  assert.deepEqual((await bucket.file('c').getMetadata())[0].metadata, { k: 'v' });
  await refused(bucket.file('b').moveFileAtomic('d'), 404, 'notFound');
});

test('objects are composed into one, which has a CRC32C and no MD5', async () => {
  const bucket = await newBucket();
  const parts = [bytes(300 * KiB), Buffer.alloc(0), bytes(70_001)];
  for (const [i, part] of parts.entries()) await bucket.file(`${i}`).save(part);
  const [whole] = await bucket.combine(['0', '1', '2'], bucket.file('whole.mp4'));
  const [metadata] = await whole.getMetadata();
  assert.equal(metadata.componentCount, 3);
  assert.equal(metadata.md5Hash, undefined);
  assert.equal(metadata.contentType, 'video/mp4');
  sameBytes((await whole.download({ validation: 'crc32c' }))[0], Buffer.concat(parts));
  await refused(bucket.combine(['0', 'missing'], 'other'), 404, 'notFound');
});

test('all objects of a prefix are deleted at once', async () => {
  const bucket = await newBucket();
  for (const name of ['a/1', 'a/2', 'b/1']) await bucket.file(name).save('x');
  await bucket.deleteFiles({ prefix: 'a/' });
  assert.deepEqual((await bucket.getFiles())[0].map(file => file.name), ['b/1']);
});

test('malformed requests are refused with a reason', async () => {
  const bucket = await newBucket();
  await bucket.file('a').save('x');
  await refused(bucket.file('a').getMetadata({ ifGenerationMatch: 'x' }), 400, 'invalid');
  await refused(bucket.getFiles({ pageToken: '!' }), 400, 'invalid');
  await refused(bucket.file('a').setMetadata({ metadata: 'text' }), 400, 'invalid');
  const post = (query, body, type) => fetch(`${endpoint}/upload/storage/v1/b/${bucket.name}/o?${query}`,
    { method: 'POST', body, headers: { 'content-type': type } });
  assert.equal((await post('uploadType=multipart', 'x', 'text/plain')).status, 400);
  assert.equal((await post('uploadType=media', 'x', 'text/plain')).status, 400);
  const broken = await (await fetch(`${endpoint}/storage/v1/b/${bucket.name}`,
    { method: 'PATCH', body: '{"a":', headers: { 'content-type': 'application/json' } })).json();
  assert.equal(broken.error.errors[0].reason, 'parseError');
});

test('access lists are refused, as on every bucket with uniform access', async () => {
  const file = (await newBucket()).file('a');
  await file.save('x');
  const error = await refused(file.acl.get(), 400, 'invalid');
  assert.match(error.message, /uniform bucket-level access/);
});

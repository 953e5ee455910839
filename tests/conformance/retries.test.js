// The client follows Google's retry rules; the emulator's faults must look to it like the service's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, endpoint, fault, MiB, newBucket, refused, sameBytes, storageWith } from './emulator.js';

const passing = [408, 429, 500, 502, 503, 504];

test('reads are repeated after every error that passes', async () => {
  const bucket = await newBucket();
  await bucket.file('a').save('hello');
  for (const status of passing) {
    await fault(bucket.name,
      [{ fault: 'status', status, match: { method: 'GET' } }, { fault: 'status', status, match: { method: 'GET' } }]);
    assert.equal((await bucket.file('a').getMetadata())[0].size, '5');
  }
  await fault(bucket.name, { fault: 'resetBeforeBody', match: { method: 'GET' }, times: 2 });
  assert.equal((await bucket.getFiles())[0].length, 1);
  assert.equal(await left(), 0);
});

test('errors that stay are not repeated', async () => {
  const bucket = await newBucket();
  for (const status of [400, 401, 403]) {
    await fault(bucket.name, { fault: 'status', status, match: { method: 'GET' } });
    await refused(bucket.getMetadata(), status);
    await bucket.getMetadata();
  }
});

test('an upload with a precondition is repeated, one without is not', async () => {
  const bucket = await newBucket();
  const data = bytes(MiB);
  for (const status of passing) {
    const file = bucket.file(`${status}`);
    await fault(bucket.name, { fault: 'status', status, match: { uploadType: 'multipart' } });
    await refused(storageWith().bucket(bucket.name).file(file.name).save(data, { resumable: false }), status);
    await fault(bucket.name, { fault: 'status', status, match: { uploadType: 'multipart' } });
    await file.save(data, { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    sameBytes((await file.download())[0], data);
  }
});

test('an upload whose answer was lost is found to be stored by the precondition', async () => {
  const bucket = await newBucket();
  await fault(bucket.name, { fault: 'status', status: 503, afterStore: true, match: { uploadType: 'multipart' } });
  const error = await refused(
    bucket.file('a').save('hello', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } }), 412, 'conditionNotMet');
  assert.ok(error);
  assert.equal((await bucket.file('a').download())[0].toString(), 'hello');
});

test('a resumable upload goes on after the answer of its last piece was lost', async () => {
  const bucket = await newBucket();
  const data = bytes(MiB);
  await fault(bucket.name, { fault: 'status', status: 503, afterStore: true, match: { method: 'PUT' } });
  await bucket.file('a').save(data, { resumable: true, preconditionOpts: { ifGenerationMatch: 0 } });
  sameBytes((await bucket.file('a').download())[0], data);
});

test('changes and deletions with a precondition are repeated', async () => {
  const bucket = await newBucket();
  await bucket.file('a').save('hello');
  await fault(bucket.name, { fault: 'status', status: 503, match: { method: 'PATCH' }, times: 2 });
  await bucket.file('a').setMetadata({ cacheControl: 'x' }, { ifMetagenerationMatch: 1 });
  await fault(bucket.name, { fault: 'resetBeforeBody', match: { method: 'DELETE' }, times: 2 });
  await bucket.file('a').delete({ ifGenerationMatch: (await bucket.file('a').getMetadata())[0].generation });
  assert.deepEqual(await bucket.file('a').exists(), [false]);
});

async function left() {
  return (await (await fetch(`${endpoint}/_emulator/faults`)).json()).left;
}

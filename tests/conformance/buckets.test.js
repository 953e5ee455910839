import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBucket, newName, refused, storage } from './emulator.js';

test('a bucket is made, described and deleted', async () => {
  const name = newName();
  const [bucket, answer] = await storage.createBucket(name, { location: 'europe-west3', storageClass: 'NEARLINE' });
  assert.equal(answer.name, name);
  const [described] = await bucket.getMetadata();
  assert.equal(described.kind, 'storage#bucket');
  assert.equal(described.location, 'EUROPE-WEST3');
  assert.equal(described.locationType, 'region');
  assert.equal(described.storageClass, 'NEARLINE');
  assert.equal(described.metageneration, '1');
  assert.match(described.timeCreated, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(await bucket.exists(), [true]);
  await bucket.delete();
  assert.deepEqual(await bucket.exists(), [false]);
});

test('a bucket without a location is in the multi-region US', async () => {
  const [metadata] = await (await newBucket()).getMetadata();
  assert.deepEqual([metadata.location, metadata.locationType, metadata.storageClass], ['US', 'multi-region', 'STANDARD']);
});

test('a bucket that exists cannot be made again', async () => {
  const bucket = await newBucket();
  const error = await refused(storage.createBucket(bucket.name), 409, 'conflict');
  assert.match(error.message, /you already own it/);
});

test('a bucket name against the rules is refused', async () => {
  for (const name of ['ab', 'Upper', '-dash', 'dash-', 'x'.repeat(64), 'with space', 'goog-mine', 'my-google-bucket', '192.168.5.4'])
    await refused(storage.createBucket(name), 400, 'invalid');
});

test('a bucket that does not exist is not found', async () => {
  const bucket = storage.bucket(newName());
  const error = await refused(bucket.getMetadata(), 404, 'notFound');
  assert.equal(error.errors[0].message, 'The specified bucket does not exist.');
  await refused(bucket.delete(), 404, 'notFound');
  await refused(bucket.getFiles(), 404, 'notFound');
  await refused(bucket.file('a').save('x', { resumable: false }), 404, 'notFound');
  await refused(bucket.file('a').save('x', { resumable: true }), 404);
  await refused(bucket.createNotification('projects/p/topics/t'), 404, 'notFound');
});

test('a bucket with objects in it cannot be deleted', async () => {
  const bucket = await newBucket();
  await bucket.file('a').save('x');
  const error = await refused(bucket.delete(), 409, 'conflict');
  assert.match(error.message, /not empty/);
  await bucket.deleteFiles();
  await bucket.delete();
});

test('buckets are listed by prefix and in pages', async () => {
  const prefix = newName();
  const names = ['-a', '-b', '-c', '-d', '-e'].map(end => prefix + end);
  for (const name of names) await storage.createBucket(name);
  const [all] = await storage.getBuckets({ prefix });
  assert.deepEqual(all.map(bucket => bucket.name), names);
  const [first, next] = await storage.getBuckets({ prefix, maxResults: 2, autoPaginate: false });
  assert.deepEqual(first.map(bucket => bucket.name), names.slice(0, 2));
  const [second] = await storage.getBuckets(next);
  assert.deepEqual(second.map(bucket => bucket.name), names.slice(2, 4));
  const [third, none] = await storage.getBuckets(await storage.getBuckets(next).then(page => page[1]));
  assert.deepEqual([third.map(bucket => bucket.name), none], [names.slice(4), null]);
});

test('labels are merged one by one, and removed by null', async () => {
  const bucket = await newBucket();
  await bucket.setLabels({ site: 'north', team: 'video' });
  await bucket.setLabels({ team: 'audio' });
  assert.deepEqual(await bucket.getLabels(), [{ site: 'north', team: 'audio' }]);
  await bucket.deleteLabels('site');
  assert.deepEqual(await bucket.getLabels(), [{ team: 'audio' }]);
  const [metadata] = await bucket.getMetadata();
  assert.equal(metadata.metageneration, '4');
});

test('lifecycle, versioning, CORS and uniform access are kept as they were set', async () => {
  const bucket = await newBucket();
  await bucket.addLifecycleRule({ action: { type: 'Delete' }, condition: { age: 30 } });
  await bucket.setCorsConfiguration([{ maxAgeSeconds: 3600, method: ['GET'], origin: ['https://example.com'], responseHeader: ['Range'] }]);
  await bucket.setMetadata({ versioning: { enabled: false }, iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } });
  const [metadata] = await bucket.getMetadata();
  assert.deepEqual(metadata.lifecycle.rule, [{ action: { type: 'Delete' }, condition: { age: 30 } }]);
  assert.equal(metadata.cors[0].maxAgeSeconds, 3600);
  assert.deepEqual(metadata.versioning, { enabled: false });
  assert.equal(metadata.iamConfiguration.uniformBucketLevelAccess.enabled, true);
});

test('what a bucket is made with is kept', async () => {
  const name = newName();
  await storage.createBucket(name, { labels: { a: 'b' }, iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } });
  const [metadata] = await storage.bucket(name).getMetadata();
  assert.deepEqual(metadata.labels, { a: 'b' });
  assert.equal(metadata.iamConfiguration.uniformBucketLevelAccess.enabled, true);
});

test('a bucket is changed and deleted only where its metageneration is the expected one', async () => {
  const bucket = await newBucket();
  await bucket.setMetadata({ labels: { a: '1' } }, { ifMetagenerationMatch: 1 });
  await refused(bucket.setMetadata({ labels: { a: '2' } }, { ifMetagenerationMatch: 1 }), 412, 'conditionNotMet');
  assert.deepEqual(await bucket.getLabels(), [{ a: '1' }]);
  await refused(bucket.delete({ ifMetagenerationMatch: 7 }), 412, 'conditionNotMet');
  await bucket.delete({ ifMetagenerationMatch: 2 });
});

test('the service agent of the project has an address', async () => {
  const [account] = await storage.getServiceAccount();
  assert.match(account.emailAddress, /@gs-project-accounts\.iam\.gserviceaccount\.com$/);
});

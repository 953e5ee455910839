import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBucket, newName, refused, storage } from './emulator.js';

async function holding(...names) {
  const bucket = await newBucket();
  await Promise.all(names.map(name => bucket.file(name).save('x', { resumable: false })));
  return bucket;
}

const names = async (bucket, query) => (await bucket.getFiles(query))[0].map(file => file.name);

test('an empty bucket lists nothing', async () => {
  const [files, next, answer] = await (await newBucket()).getFiles({ autoPaginate: false });
  assert.deepEqual([files, next, answer.kind, answer.items], [[], null, 'storage#objects', undefined]);
});

test('objects come in the order of their UTF-8 bytes', async () => {
  const expected = ['A', 'B', 'a', 'a!', 'a/b', 'aa', 'ä', '\uFF5E', '😀'];
  assert.deepEqual(await names(await holding(...[...expected].reverse())), expected);
});

test('every object is on exactly one page', async () => {
  const all = Array.from({ length: 25 }, (_, i) => `n${String(i).padStart(2, '0')}`);
  const bucket = await holding(...all);
  for (const maxResults of [1, 7, 24, 25, 26]) {
    const seen = [];
    for (let query = { maxResults, autoPaginate: false }; query;) {
      const [files, next] = await bucket.getFiles(query);
      assert.ok(files.length <= maxResults);
      seen.push(...files.map(file => file.name));
      query = next;
    }
    assert.deepEqual(seen, all);
  }
});

test('a prefix narrows the list', async () => {
  const bucket = await holding('a', 'a/1', 'a/2', 'ab', 'b');
  assert.deepEqual(await names(bucket, { prefix: 'a/' }), ['a/1', 'a/2']);
  assert.deepEqual(await names(bucket, { prefix: 'a' }), ['a', 'a/1', 'a/2', 'ab']);
  assert.deepEqual(await names(bucket, { prefix: 'z' }), []);
});

test('a delimiter gathers what is below it', async () => {
  const bucket = await holding('cam1/2026/a', 'cam1/2026/b', 'cam1/x', 'cam2/y', 'top', 'zebra/');
  const [files, , answer] = await bucket.getFiles({ delimiter: '/', autoPaginate: false });
  assert.deepEqual(files.map(file => file.name), ['top']);
  assert.deepEqual(answer.prefixes, ['cam1/', 'cam2/', 'zebra/']);
  const [below, , deeper] = await bucket.getFiles({ delimiter: '/', prefix: 'cam1/', autoPaginate: false });
  assert.deepEqual([below.map(file => file.name), deeper.prefixes], [['cam1/x'], ['cam1/2026/']]);
  const [, , trailing] = await bucket.getFiles({ delimiter: '/', includeTrailingDelimiter: true, autoPaginate: false });
  assert.deepEqual([trailing.items.map(item => item.name), trailing.prefixes], [['top', 'zebra/'], ['cam1/', 'cam2/', 'zebra/']]);
  const [, , other] = await bucket.getFiles({ delimiter: '2026', autoPaginate: false });
  assert.deepEqual(other.prefixes, ['cam1/2026']);
});

test('objects and prefixes are counted together on a page', async () => {
  const bucket = await holding('a/1', 'a/2', 'b', 'c/1', 'd', 'e/1');
  const seen = [];
  for (let query = { maxResults: 2, delimiter: '/', autoPaginate: false }; query;) {
    const [, next, answer] = await bucket.getFiles(query);
    const page = [...(answer.prefixes ?? []), ...(answer.items ?? []).map(item => item.name)];
    assert.ok(page.length <= 2, `${page}`);
    seen.push(...page);
    query = next;
  }
  assert.deepEqual(seen.sort(), ['a/', 'b', 'c/', 'd', 'e/']);
});

test('offsets cut the list at both ends, the last one excluded', async () => {
  const bucket = await holding('a', 'b', 'c', 'd');
  assert.deepEqual(await names(bucket, { startOffset: 'b' }), ['b', 'c', 'd']);
  assert.deepEqual(await names(bucket, { endOffset: 'c' }), ['a', 'b']);
  assert.deepEqual(await names(bucket, { startOffset: 'b', endOffset: 'd' }), ['b', 'c']);
});

test('a glob picks names', async () => {
  const bucket = await holding('a.mkv', 'a.mp4', 'cam/a.mkv', 'cam/deep/b.mkv', 'cam/c[1].mkv');
  assert.deepEqual(await names(bucket, { matchGlob: '*.mkv' }), ['a.mkv']);
  assert.deepEqual(await names(bucket, { matchGlob: '**.mkv' }), ['a.mkv', 'cam/a.mkv', 'cam/c[1].mkv', 'cam/deep/b.mkv']);
  assert.deepEqual(await names(bucket, { matchGlob: 'cam/**/b.*' }), ['cam/deep/b.mkv']);
  assert.deepEqual(await names(bucket, { matchGlob: '?.{mkv,mp4}' }), ['a.mkv', 'a.mp4']);
  assert.deepEqual(await names(bucket, { matchGlob: 'cam/[a-b].mkv' }), ['cam/a.mkv']);
  assert.deepEqual(await names(bucket, { matchGlob: 'cam/c\\[1\\].mkv' }), ['cam/c[1].mkv']);
});

test('a thousand and more objects come in pages of a thousand', async () => {
  const bucket = await newBucket();
  const all = Array.from({ length: 1050 }, (_, i) => `o/${String(i).padStart(5, '0')}`);
  for (let i = 0; i < all.length; i += 50)
    await Promise.all(all.slice(i, i + 50).map(name => bucket.file(name).save('', { resumable: false })));
  const [first, next] = await bucket.getFiles({ autoPaginate: false });
  assert.equal(first.length, 1000);
  assert.ok(next.pageToken);
  assert.deepEqual(await names(bucket), all);
});

test('a list of a bucket that does not exist is not found', async () => {
  await refused(storage.bucket(newName()).getFiles(), 404, 'notFound');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpoint, newBucket, refused } from './emulator.js';

const sweep = async at => (await (await fetch(`${endpoint}/_emulator/sweep`, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ at })
})).json()).deleted;

test('a held object is neither deleted nor replaced until it is released', async () => {
  const file = (await newBucket()).file('gate/a.mkv');
  await file.save('x', { resumable: false });
  const [held] = await file.setMetadata({ temporaryHold: true });
  assert.equal(held.temporaryHold, true);
  await refused(file.delete(), 403, 'objectUnderActiveHold');
  await refused(file.save('y', { resumable: false }), 403, 'objectUnderActiveHold');
  await file.setMetadata({ temporaryHold: false });
  await file.delete();
});

test('a lifecycle rule by custom time deletes what is due, and no more', async () => {
  const bucket = await newBucket();
  const objects = [['gate/old.mkv', '2026-11-01T00:00:00Z'], ['gate/young.mkv', '2026-11-20T00:00:00Z'],
    ['gate/_loss/old.json', '2026-11-01T00:00:00Z']];
  for (const [name, customTime] of objects)
    await bucket.file(name).save('x', { resumable: false, metadata: { customTime } });
  await bucket.addLifecycleRule({
    action: { type: 'Delete' },
    condition: { daysSinceCustomTime: 7, matchesPrefix: ['gate/'], matchesSuffix: ['.mkv', '.mp4', '.ts'] }
  });
  assert.equal(await sweep('2026-11-10T00:00:00Z'), 1);
  const [left] = await bucket.getFiles();
  assert.deepEqual(left.map(file => file.name), ['gate/_loss/old.json', 'gate/young.mkv']);
});

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { collect, endpoint, newBucket, refused } from './emulator.js';

/** Takes pushed events, as a subscription's endpoint does. */
async function receiver() {
  const taken = [];
  const waiting = [];
  const server = createServer(async (request, response) => {
    const event = { headers: request.headers, body: JSON.parse(await collect(request)) };
    response.writeHead(204).end();
    (waiting.shift() ?? (each => taken.push(each)))(event);
  });
  await new Promise(listening => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    next: () => taken.length > 0 ? Promise.resolve(taken.shift()) : new Promise(resolve => waiting.push(resolve)),
    close: () => { server.closeAllConnections(); server.close(); },
  };
}

test('a notification configuration is made, described, listed and deleted', async () => {
  const bucket = await newBucket();
  const [made] = await bucket.createNotification('projects/p/topics/t', {
    eventTypes: ['OBJECT_FINALIZE'], objectNamePrefix: 'cam/', payloadFormat: 'JSON_API_V1', customAttributes: { site: 'north' }
  });
  assert.equal(made.id, '1');
  const [metadata] = await made.getMetadata();
  assert.equal(metadata.kind, 'storage#notification');
  assert.equal(metadata.topic, '//pubsub.googleapis.com/projects/p/topics/t');
  assert.deepEqual(metadata.event_types, ['OBJECT_FINALIZE']);
  assert.deepEqual([metadata.object_name_prefix, metadata.payload_format, metadata.custom_attributes],
    ['cam/', 'JSON_API_V1', { site: 'north' }]);
  const [second] = await bucket.createNotification('projects/p/topics/other');
  const [all] = await bucket.getNotifications();
  assert.deepEqual(all.map(each => each.id), ['1', '2']);
  await second.delete();
  assert.deepEqual(await second.exists(), [false]);
  await refused(second.getMetadata(), 404, 'notFound');
  await refused(second.delete(), 404, 'notFound');
});

test('both spellings of a configuration\'s fields are understood', async () => {
  const bucket = await newBucket();
  const post = async body => (await fetch(`${endpoint}/storage/v1/b/${bucket.name}/notificationConfigs`,
    { method: 'POST', body: JSON.stringify(body) })).json();
  const topic = '//pubsub.googleapis.com/projects/p/topics/t';
  const snake = await post({
    topic, payload_format: 'NONE', event_types: ['OBJECT_DELETE'], object_name_prefix: 'x', custom_attributes: { a: 'b' }
  });
  const camel = await post({
    topic, payloadFormat: 'NONE', eventTypes: ['OBJECT_DELETE'], objectNamePrefix: 'x', customAttributes: { a: 'b' }
  });
  for (const field of ['payload_format', 'event_types', 'object_name_prefix', 'custom_attributes'])
    assert.deepEqual(camel[field], snake[field], field);
  assert.equal(snake.payload_format, 'NONE');
});

test('a configuration without a topic, or with an unknown event, is refused', async () => {
  const bucket = await newBucket();
  const post = async body => (await fetch(`${endpoint}/storage/v1/b/${bucket.name}/notificationConfigs`,
    { method: 'POST', body: JSON.stringify(body) })).status;
  assert.equal(await post({}), 400);
  assert.equal(await post({ topic: 'just-a-name', payload_format: 'NONE' }), 400);
  await refused(bucket.createNotification('projects/p/topics/t', { eventTypes: ['OBJECT_EXPLODED'] }), 400, 'invalid');
  await refused(bucket.createNotification('projects/p/topics/t', { payloadFormat: 'XML' }), 400, 'invalid');
});

test('an upload is pushed as Pub/Sub pushes it, in both spellings of the envelope', async () => {
  const [bucket, receive] = [await newBucket(), await receiver()];
  try {
    await bucket.createNotification('projects/p/topics/t', {
      eventTypes: ['OBJECT_FINALIZE'], objectNamePrefix: 'cam/', customAttributes: { pushEndpoint: receive.url, site: 'north' }
    });
    await bucket.file('other').save('not announced');
    await bucket.file('cam/ä b.mkv').save('hello', { metadata: { metadata: { k: 'v' } } });
    const { body } = await receive.next();
    const { message } = body;
    const resource = JSON.parse(Buffer.from(message.data, 'base64'));
    assert.deepEqual([resource.name, resource.size, resource.metadata], ['cam/ä b.mkv', '5', { k: 'v' }]);
    const { attributes } = message;
    assert.deepEqual([attributes.eventType, attributes.bucketId, attributes.objectId, attributes.payloadFormat, attributes.site],
      ['OBJECT_FINALIZE', bucket.name, 'cam/ä b.mkv', 'JSON_API_V1', 'north']);
    assert.equal(attributes.objectGeneration, resource.generation);
    assert.match(attributes.notificationConfig, new RegExp(`^projects/_/buckets/${bucket.name}/notificationConfigs/1$`));
    assert.ok(message.messageId);
    assert.deepEqual([message.message_id, message.publish_time], [message.messageId, message.publishTime]);
    assert.match(body.subscription, /^projects\/.+\/subscriptions\/.+/);
  } finally {
    receive.close();
  }
});

test('an overwrite tells of the new generation and of the old one', async () => {
  const [bucket, receive] = [await newBucket(), await receiver()];
  try {
    await bucket.file('a').save('old');
    const old = (await bucket.file('a').getMetadata())[0].generation;
    await bucket.createNotification('projects/p/topics/t', { customAttributes: { pushEndpoint: receive.url } });
    await bucket.file('a').save('new');
    const fresh = (await bucket.file('a').getMetadata())[0].generation;
    const events = [await receive.next(), await receive.next()].map(event => event.body.message.attributes);
    const finalized = events.find(each => each.eventType === 'OBJECT_FINALIZE');
    const deleted = events.find(each => each.eventType === 'OBJECT_DELETE');
    assert.deepEqual([finalized.objectGeneration, finalized.overwroteGeneration], [fresh, old]);
    assert.deepEqual([deleted.objectGeneration, deleted.overwrittenByGeneration], [old, fresh]);
  } finally {
    receive.close();
  }
});

// What the tests share: the official client, pointed at the emulator that CRISPY_EMULATOR names, and a bucket for each test.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Storage } from '@google-cloud/storage';

/** The emulator's address, without a slash at the end. */
export const endpoint = process.env.CRISPY_EMULATOR;
assert.ok(endpoint, 'CRISPY_EMULATOR is not set: the address of a running emulator, e.g. http://127.0.0.1:4443');

export const KiB = 1024;
export const MiB = 1024 * KiB;

/** The client as an application makes it; only its pauses between retries are a second at most. */
export const storageWith = (options = {}) => new Storage({
  apiEndpoint: endpoint,
  projectId: 'conformance',
  ...options,
  retryOptions: { maxRetryDelay: 1 },
});

export const storage = storageWith();

export const newName = () => `conformance-${randomUUID()}`;

/**
 * A bucket of the test's own, with a client of its own: one call without a precondition that fails leaves a client without retries.
 * The emulator's folder goes with the run.
 */
export async function newBucket(using = storageWith()) {
  const [bucket] = await using.createBucket(newName());
  return bucket;
}

/** Random bytes, without a pattern that could hide a mistake in their order. */
export const bytes = length => randomBytes(length);

export const md5 = data => createHash('md5').update(data).digest('base64');

/** Asserts a failure of the client's with Cloud Storage's status and reason, and returns it. */
export async function refused(promise, status, reason) {
  const error = await promise.then(() => assert.fail(`${status} ${reason} was expected, but it succeeded`), failure => failure);
  assert.equal(Number(error.code) || error.status, status, `${error.stack}`);
  if (reason) assert.equal(error.errors?.[0]?.reason, reason, JSON.stringify(error.errors));
  return error;
}

/** Makes requests whose path holds a text fail; see docs/emulator.md. */
export async function fault(pathContains, faults) {
  for (const { match, ...rest } of [].concat(faults)) await control('POST', { match: { pathContains, ...match }, times: 1, ...rest });
}

async function control(method, body) {
  const response = await fetch(`${endpoint}/_emulator/faults`, { method, body: JSON.stringify(body) });
  assert.equal(response.status, 200, await response.text());
}

/** Everything that a stream yields. */
export async function collect(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** Asserts equality of bytes without printing megabytes where they differ. */
export function sameBytes(actual, expected) {
  assert.equal(actual.length, expected.length);
  assert.ok(actual.equals(expected), 'the bytes differ');
}

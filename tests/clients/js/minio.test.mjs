// The minio package, which has a signer, a parser and an idea of parts of its own.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { test } from "node:test";

import * as Minio from "minio";

import { bucketName, endpoint, inOrder, oddKeys, read, region, sha256 } from "./server.mjs";

const { hostname, port } = new URL(endpoint);
const minio = new Minio.Client({
  endPoint: hostname, port: Number(port), useSSL: false, region,
  accessKey: process.env.AWS_ACCESS_KEY_ID, secretKey: process.env.AWS_SECRET_ACCESS_KEY,
});

async function newBucket(options = {}) {
  const bucket = bucketName();
  await minio.makeBucket(bucket, region, options);
  return bucket;
}

const text = async (...place) => (await read(await minio.getObject(...place))).toString();
const names = async (...place) => (await minio.listObjectsV2(...place).toArray()).map((one) => one.name);

test("a bucket lives and dies", async () => {
  const bucket = await newBucket();
  assert.equal(await minio.bucketExists(bucket), true);
  assert.ok((await minio.listBuckets()).some((one) => one.name === bucket));

  await minio.removeBucket(bucket);

  assert.equal(await minio.bucketExists(bucket), false);
  await assert.rejects(minio.listObjectsV2(bucket).toArray(), { code: "NoSuchBucket" });
});

test("objects of every size", async () => {
  const bucket = await newBucket();
  for (const size of [0, 1, 70_000_001]) {
    const data = randomBytes(size);
    await minio.putObject(bucket, `of ${size}`, size > 1 ? Readable.from([data]) : data, size);

    assert.equal(sha256(await read(await minio.getObject(bucket, `of ${size}`))), sha256(data));
    assert.equal((await minio.statObject(bucket, `of ${size}`)).size, size);
  }
  assert.match((await minio.statObject(bucket, "of 70000001")).etag, /-\d$/);
  assert.equal(await text(bucket, "of 1", { versionId: "null" }), await text(bucket, "of 1"));
});

test("odd keys are listed and removed", async () => {
  const bucket = await newBucket();
  for (const key of oddKeys) await minio.putObject(bucket, key, key);

  for (const key of oddKeys) assert.equal(await text(bucket, key), key);
  assert.deepEqual(await names(bucket, "", true), inOrder(oddKeys));
  assert.deepEqual(await names(bucket, "double/", true), ["double//slash"]);
  await minio.removeObjects(bucket, oddKeys);

  assert.deepEqual(await names(bucket, "", true), []);
});

test("metadata, ranges and copies", async () => {
  const bucket = await newBucket();
  await minio.putObject(bucket, "k", "0123456789", 10, { "Content-Type": "text/odd", Colour: "blue" });

  const range = await read(await minio.getPartialObject(bucket, "k", 2, 3));
  await minio.copyObject(bucket, "copy", `/${bucket}/k`);

  const { metaData } = await minio.statObject(bucket, "copy");
  assert.equal(range.toString(), "234");
  assert.deepEqual([metaData["content-type"], metaData.colour], ["text/odd", "blue"]);
});

test("presigned URLs", async () => {
  const bucket = await newBucket();
  const key = "a b+ü/日本";

  const put = await fetch(await minio.presignedPutObject(bucket, key, 60), { method: "PUT", body: "data" });
  const got = await fetch(await minio.presignedGetObject(bucket, key, 60, {
    "response-content-type": "text/odd",
  }));

  assert.equal(put.status, 200);
  assert.deepEqual([got.headers.get("content-type"), await got.text()], ["text/odd", "data"]);
});

test("versions, tags and locks", async () => {
  const bucket = await newBucket({ ObjectLocking: true });
  const { versionId } = await minio.putObject(bucket, "k", "one");
  await minio.putObject(bucket, "k", "two");

  assert.equal((await minio.getBucketVersioning(bucket)).Status, "Enabled");
  await minio.setObjectTagging(bucket, "k", { a: "one" }, { versionId });
  assert.deepEqual(await minio.getObjectTagging(bucket, "k", { versionId }), [{ Key: "a", Value: "one" }]);
  await minio.setObjectLegalHold(bucket, "k", { versionId, status: "ON" });
  assert.deepEqual(await minio.getObjectLegalHold(bucket, "k", { versionId }), { Status: "ON" });
  await assert.rejects(minio.removeObject(bucket, "k", { versionId }), { code: "AccessDenied" });
  await minio.setObjectLegalHold(bucket, "k", { versionId, status: "OFF" });
  await minio.removeObject(bucket, "k", { versionId });

  assert.equal(await text(bucket, "k"), "two");
  await assert.rejects(minio.statObject(bucket, "k", { versionId }), { code: "NotFound" });
});

test("documents of a bucket", async () => {
  const bucket = await newBucket();
  const rule = { ID: "old", Status: "Enabled", Filter: { Prefix: "logs/" }, Expiration: { Days: "30" } };

  await minio.setBucketLifecycle(bucket, { Rule: [rule] });

  const told = (await minio.getBucketLifecycle(bucket)).Rule;
  assert.deepEqual([told.ID, String(told.Expiration.Days)], ["old", "30"]);
  await minio.removeBucketLifecycle(bucket);
  await assert.rejects(minio.getBucketLifecycle(bucket), { code: "NoSuchLifecycleConfiguration" });
});

test("uploads that were given up are found and removed", async () => {
  const bucket = await newBucket();
  await minio.initiateNewMultipartUpload(bucket, "a/k", {});

  const found = await minio.listIncompleteUploads(bucket, "", true).toArray();
  await minio.removeIncompleteUpload(bucket, "a/k");

  assert.deepEqual(found.map((one) => one.key), ["a/k"]);
  assert.deepEqual(await minio.listIncompleteUploads(bucket, "", true).toArray(), []);
});

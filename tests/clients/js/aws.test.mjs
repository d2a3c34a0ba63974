// The AWS SDK for JavaScript, version 3, with nothing configured but endpoint and region.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { test } from "node:test";

import * as S3 from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

import { bucketName, endpoint, inOrder, oddKeys, read, region, sha256 } from "./server.mjs";

const s3 = new S3.S3({ endpoint, region });

async function newBucket(more = {}) {
  const Bucket = bucketName();
  await s3.createBucket({ Bucket, ...more });
  return Bucket;
}

const body = async (object) => object.Body.transformToString();

test("a bucket lives and dies", async () => {
  const Bucket = await newBucket();
  await S3.waitUntilBucketExists({ client: s3, maxWaitTime: 9 }, { Bucket });
  const { Buckets } = await s3.listBuckets({ Prefix: Bucket });
  assert.deepEqual(Buckets.map((one) => one.Name), [Bucket]);

  await s3.deleteBucket({ Bucket });

  await S3.waitUntilBucketNotExists({ client: s3, maxWaitTime: 9 }, { Bucket });
  await assert.rejects(s3.listObjectsV2({ Bucket }), S3.NoSuchBucket);
});

test("an object is put, told of, read and deleted", async () => {
  const Bucket = await newBucket();
  const place = { Bucket, Key: "a/b" };
  const put = await s3.putObject({
    ...place, Body: "0123456789", ContentType: "text/odd", Metadata: { colour: "blue" },
    CacheControl: "no-cache",
  });
  assert.ok(put.ChecksumCRC32);

  const head = await s3.headObject(place);
  assert.deepEqual(
    [head.ETag, head.ContentLength, head.ContentType, head.Metadata, head.CacheControl],
    [put.ETag, 10, "text/odd", { colour: "blue" }, "no-cache"],
  );
  assert.equal(await body(await s3.getObject(place)), "0123456789");
  const some = await s3.getObject({ ...place, Range: "bytes=2-5" });
  assert.deepEqual([some.ContentRange, await body(some)], ["bytes 2-5/10", "2345"]);
  await s3.deleteObject(place);

  await assert.rejects(s3.getObject(place), S3.NoSuchKey);
  await assert.rejects(s3.headObject(place), S3.NotFound);
});

test("odd keys are listed page by page and deleted at once", async () => {
  const Bucket = await newBucket();
  for (const Key of oddKeys) await s3.putObject({ Bucket, Key, Body: Key });

  const listed = [];
  for await (const page of S3.paginateListObjectsV2({ client: s3, pageSize: 4 }, { Bucket })) {
    listed.push(...page.Contents.map((one) => one.Key));
  }
  for (const Key of oddKeys) assert.equal(await body(await s3.getObject({ Bucket, Key })), Key);
  const { Deleted, Errors } = await s3.deleteObjects({
    Bucket, Delete: { Objects: oddKeys.map((Key) => ({ Key })) },
  });

  assert.deepEqual(listed, inOrder(oddKeys));
  assert.deepEqual([Deleted.length, Errors], [oddKeys.length, undefined]);
  assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
});

test("a stream of unknown length is uploaded in parts", async () => {
  const Bucket = await newBucket();
  const data = randomBytes(12_000_001);
  const pieces = [data.subarray(0, 7_000_000), data.subarray(7_000_000)];

  const upload = new Upload({ client: s3, params: { Bucket, Key: "large", Body: Readable.from(pieces) } });
  const done = await upload.done();

  assert.match(done.ETag, /-3"$/);
  const got = await s3.getObject({ Bucket, Key: "large" });
  assert.equal(sha256(await read(got.Body)), sha256(data));
  const part = await s3.headObject({ Bucket, Key: "large", PartNumber: 3 });
  assert.deepEqual([part.PartsCount, part.ContentLength], [3, 12_000_001 - 2 * 5_242_880]);
});

test("an upload that is given up leaves nothing", async () => {
  const Bucket = await newBucket();
  const Body = Readable.from((async function* () {
    yield randomBytes(6_000_000);
    throw new Error("the source is broken");
  })());

  const upload = new Upload({ client: s3, params: { Bucket, Key: "large", Body } });

  await assert.rejects(upload.done(), /the source is broken/);
  assert.equal((await s3.listMultipartUploads({ Bucket })).Uploads, undefined);
  await assert.rejects(s3.headObject({ Bucket, Key: "large" }), S3.NotFound);
});

test("presigned URLs need no SDK", async () => {
  const Bucket = await newBucket();
  const place = { Bucket, Key: "a b+ü/日本" };
  const sign = (command) => getSignedUrl(s3, command, { expiresIn: 60 });

  const put = await fetch(await sign(new S3.PutObjectCommand({ ...place, ContentType: "text/odd" })), {
    method: "PUT", body: "data", headers: { "Content-Type": "text/odd" },
  });
  const got = await fetch(await sign(new S3.GetObjectCommand({
    ...place, ResponseContentDisposition: "attachment",
  })));
  const forged = await fetch((await sign(new S3.GetObjectCommand(place))).replace("a%20b", "a%20c"));

  assert.equal(put.status, 200);
  assert.deepEqual([got.status, await got.text()], [200, "data"]);
  assert.equal(got.headers.get("content-disposition"), "attachment");
  assert.equal(got.headers.get("content-type"), "text/odd");
  assert.equal(forged.status, 403);
  assert.match(await forged.text(), /SignatureDoesNotMatch/);
});

test("a presigned form lets a browser upload what it allows", async () => {
  const Bucket = await newBucket();
  const { url, fields } = await createPresignedPost(s3, {
    Bucket, Key: "from browsers/${filename}", Expires: 60,
    Fields: { "Content-Type": "text/odd", success_action_status: "201" },
    Conditions: [["content-length-range", 1, 10]],
  });
  const send = (content) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", new Blob([content]), "ü b.txt");
    return fetch(url, { method: "POST", body: form });
  };

  const taken = await send("data");
  const refused = await send("more than ten bytes");

  assert.equal(taken.status, 201);
  assert.match(await taken.text(), /<PostResponse>.*<Key>from browsers\/ü b.txt<\/Key>/s);
  const got = await s3.getObject({ Bucket, Key: "from browsers/ü b.txt" });
  assert.deepEqual([got.ContentType, await body(got)], ["text/odd", "data"]);
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /EntityTooLarge/);
});

test("conditions guard what is written and read", async () => {
  const Bucket = await newBucket();
  const place = { Bucket, Key: "k" };
  const { ETag } = await s3.putObject({ ...place, Body: "one", IfNoneMatch: "*" });
  const failed = { name: "PreconditionFailed" };

  await assert.rejects(s3.putObject({ ...place, Body: "two", IfNoneMatch: "*" }), failed);
  await assert.rejects(s3.putObject({ ...place, Body: "two", IfMatch: '"0"' }), failed);
  await s3.putObject({ ...place, Body: "two", IfMatch: ETag });
  await assert.rejects(s3.getObject({ ...place, IfMatch: ETag }), failed);

  assert.equal(await body(await s3.getObject(place)), "two");
});

test("every checksum is verified on both ways", async () => {
  const Bucket = await newBucket();
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]) {
    const place = { Bucket, Key: ChecksumAlgorithm };
    const put = await s3.putObject({ ...place, Body: "data", ChecksumAlgorithm });
    const got = await s3.getObject({ ...place, ChecksumMode: "ENABLED" });
    const member = `Checksum${ChecksumAlgorithm}`;

    assert.equal(await body(got), "data");
    assert.deepEqual([got[member], got.ChecksumType], [put[member], "FULL_OBJECT"]);
  }
  const wrong = { Bucket, Key: "k", Body: "data", ChecksumSHA256: "A".repeat(43) + "=" };
  await assert.rejects(s3.putObject(wrong), { name: "BadDigest" });
});

test("a copy takes along what it is told to", async () => {
  const Bucket = await newBucket();
  await s3.putObject({ Bucket, Key: "a b", Body: "data", Metadata: { a: "1" }, Tagging: "t=1" });
  const CopySource = `${Bucket}/a%20b`;

  await s3.copyObject({ Bucket, Key: "same", CopySource });
  await s3.copyObject({
    Bucket, Key: "new", CopySource, MetadataDirective: "REPLACE", Metadata: { b: "2" },
    TaggingDirective: "REPLACE", Tagging: "t=2",
  });

  const facts = async (Key) => [
    (await s3.headObject({ Bucket, Key })).Metadata,
    (await s3.getObjectTagging({ Bucket, Key })).TagSet,
  ];
  assert.deepEqual(await facts("same"), [{ a: "1" }, [{ Key: "t", Value: "1" }]]);
  assert.deepEqual(await facts("new"), [{ b: "2" }, [{ Key: "t", Value: "2" }]]);
});

test("versions are kept, hidden by a marker and brought back", async () => {
  const Bucket = await newBucket();
  const place = { Bucket, Key: "k" };
  await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
  const first = await s3.putObject({ ...place, Body: "one" });
  const second = await s3.putObject({ ...place, Body: "two" });

  const marker = await s3.deleteObject(place);
  await assert.rejects(s3.getObject(place), S3.NoSuchKey);
  const { Versions, DeleteMarkers } = await s3.listObjectVersions({ Bucket });
  await s3.deleteObject({ ...place, VersionId: marker.VersionId });

  assert.equal(marker.DeleteMarker, true);
  assert.deepEqual(Versions.map((one) => one.VersionId), [second.VersionId, first.VersionId]);
  assert.deepEqual(DeleteMarkers.map((one) => one.IsLatest), [true]);
  assert.equal(await body(await s3.getObject(place)), "two");
  assert.equal(await body(await s3.getObject({ ...place, VersionId: first.VersionId })), "one");
});

test("a locked version stays until who may bypass it says so", async () => {
  const Bucket = await newBucket({ ObjectLockEnabledForBucket: true });
  const until = new Date(Date.UTC(2099, 0, 1));
  const { VersionId } = await s3.putObject({
    Bucket, Key: "k", Body: "data", ObjectLockMode: "GOVERNANCE", ObjectLockRetainUntilDate: until,
  });
  const version = { Bucket, Key: "k", VersionId };

  await assert.rejects(s3.deleteObject(version), { name: "AccessDenied" });
  assert.deepEqual((await s3.getObjectRetention(version)).Retention, {
    Mode: "GOVERNANCE", RetainUntilDate: until,
  });
  await s3.putObjectLegalHold({ ...version, LegalHold: { Status: "ON" } });
  const bypass = { ...version, BypassGovernanceRetention: true };
  await assert.rejects(s3.deleteObject(bypass), { name: "AccessDenied" });
  await s3.putObjectLegalHold({ ...version, LegalHold: { Status: "OFF" } });
  await s3.deleteObject(bypass);

  await assert.rejects(s3.headObject(version), S3.NotFound);
});

test("attributes tell of an object and its parts", async () => {
  const Bucket = await newBucket();
  const place = { Bucket, Key: "k" };
  const params = { ...place, Body: randomBytes(6_000_000), ChecksumAlgorithm: "SHA256" };
  await new Upload({ client: s3, params }).done();

  const told = await s3.getObjectAttributes({
    ...place, ObjectAttributes: ["ETag", "Checksum", "ObjectParts", "ObjectSize", "StorageClass"],
  });

  assert.deepEqual([told.ObjectSize, told.StorageClass], [6_000_000, "STANDARD"]);
  assert.deepEqual(told.ObjectParts.Parts.map((part) => part.Size), [5_242_880, 757_120]);
  assert.match(told.Checksum.ChecksumSHA256, /-2$/);
});

test("documents of a bucket come back as they were put", async () => {
  const Bucket = await newBucket();
  const cors = [{ AllowedMethods: ["GET"], AllowedOrigins: ["https://*.example.com"], MaxAgeSeconds: 9 }];
  const rules = [{
    ID: "old", Status: "Enabled", Filter: { Prefix: "logs/" }, Expiration: { Days: 30 },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 },
  }];
  const tags = [{ Key: "größe", Value: "1" }];
  await assert.rejects(s3.getBucketCors({ Bucket }), { name: "NoSuchCORSConfiguration" });

  await s3.putBucketCors({ Bucket, CORSConfiguration: { CORSRules: cors } });
  await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: rules } });
  await s3.putBucketTagging({ Bucket, Tagging: { TagSet: tags } });
  await s3.putBucketNotificationConfiguration({
    Bucket, NotificationConfiguration: { EventBridgeConfiguration: {} },
  });

  assert.deepEqual((await s3.getBucketCors({ Bucket })).CORSRules, cors);
  assert.deepEqual((await s3.getBucketLifecycleConfiguration({ Bucket })).Rules, rules);
  assert.deepEqual((await s3.getBucketTagging({ Bucket })).TagSet, tags);
  const notification = await s3.getBucketNotificationConfiguration({ Bucket });
  assert.deepEqual(notification.EventBridgeConfiguration, {});
});

test("an object is renamed", async () => {
  const Bucket = await newBucket();
  await s3.putObject({ Bucket, Key: "old", Body: "data" });

  await s3.renameObject({ Bucket, Key: "new", RenameSource: `${Bucket}/old` });

  const { Contents } = await s3.listObjectsV2({ Bucket });
  assert.deepEqual(Contents.map((one) => one.Key), ["new"]);
});

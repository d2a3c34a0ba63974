// The server under test, as the environment names it, and what every case makes first: a bucket.

import { createHash, randomBytes } from "node:crypto";

export const endpoint = process.env.FERROX_ENDPOINT;
export const region = process.env.AWS_REGION;

export const sha256 = (data) => createHash("sha256").update(data).digest("hex");

let buckets = 0;

export function bucketName() {
  buckets += 1;
  return `js-${process.pid}-${randomBytes(4).toString("hex")}-${buckets}`;
}

// Keys that careless servers and signers get wrong.
export const oddKeys = [
  "with space", "plus+plus", "per%cent", "a%20b", "%2F", "ünï-日本-🦊", "double//slash", "tilde~",
  'quote"and\'apostrophe', "amp&ersand", "question?mark", "hash#", "a=b;c:d,e", "(a)[b]{c}", "!*$@",
];

// Order of S3: that of the bytes of UTF-8.
export const inOrder = (keys) => [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

export async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

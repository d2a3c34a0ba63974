// Package clients tries the AWS SDK for Go, version 2, with nothing set but endpoint, region and keys.
package clients

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

var (
	ctx     = context.Background()
	client  = newClient()
	buckets atomic.Int32
)

// Everything comes from the environment, as in most programs.
func newClient() *s3.Client {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		panic(err)
	}
	return s3.NewFromConfig(settings)
}

// Keys that careless servers and signers get wrong.
var oddKeys = []string{
	"with space", "plus+plus", "per%cent", "a%20b", "%2F", "ünï-日本-🦊", "double//slash", "tilde~",
	"quote\"and'apostrophe", "amp&ersand", "question?mark", "hash#", "a=b;c:d,e", "(a)[b]{c}", "!*$@",
}

func newBucket(t *testing.T, change ...func(*s3.CreateBucketInput)) *string {
	t.Helper()
	name := fmt.Sprintf("go-%d-%d", os.Getpid(), buckets.Add(1))
	input := &s3.CreateBucketInput{Bucket: &name}
	for _, one := range change {
		one(input)
	}
	must(client.CreateBucket(ctx, input))(t)
	return &name
}

// must gives the answer of a call that has to succeed.
func must[T any](answer T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func equal[T any](t *testing.T, expected, actual T) {
	t.Helper()
	if e, a := fmt.Sprintf("%#v", expected), fmt.Sprintf("%#v", actual); e != a {
		t.Fatalf("expected %s, got %s", e, a)
	}
}

func refused[T any](t *testing.T, code string) func(T, error) {
	return func(_ T, err error) {
		t.Helper()
		var refusal smithy.APIError
		if !errors.As(err, &refusal) || refusal.ErrorCode() != code {
			t.Fatalf("expected %s, got %v", code, err)
		}
	}
}

func put(t *testing.T, bucket *string, key, body string) *s3.PutObjectOutput {
	t.Helper()
	return must(client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: bucket, Key: &key, Body: strings.NewReader(body)}))(t)
}

func get(t *testing.T, input *s3.GetObjectInput) string {
	t.Helper()
	answer := must(client.GetObject(ctx, input))(t)
	defer answer.Body.Close()
	return string(must(io.ReadAll(answer.Body))(t))
}

func filled(size int) []byte {
	data := make([]byte, size)
	rand.Read(data)
	return data
}

func TestABucketLivesAndDies(t *testing.T) {
	bucket := newBucket(t)
	head := &s3.HeadBucketInput{Bucket: bucket}
	if err := s3.NewBucketExistsWaiter(client).Wait(ctx, head, 9*time.Second); err != nil {
		t.Fatal(err)
	}

	must(client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket}))(t)

	if err := s3.NewBucketNotExistsWaiter(client).Wait(ctx, head, 9*time.Second); err != nil {
		t.Fatal(err)
	}
	refused[*s3.ListObjectsV2Output](t, "NoSuchBucket")(
		client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket}))
}

func TestAnObjectIsPutToldOfAndRead(t *testing.T) {
	bucket := newBucket(t)
	stored := must(client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: bucket, Key: aws.String("a/b"), Body: strings.NewReader("0123456789"),
		ContentType: aws.String("text/odd"), Metadata: map[string]string{"colour": "blue"},
	}))(t)

	head := must(client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("a/b")}))(t)

	equal(t, *stored.ETag, *head.ETag)
	equal(t, "text/odd blue 10", fmt.Sprint(*head.ContentType, " ", head.Metadata["colour"], " ", *head.ContentLength))
	equal(t, "2345", get(t, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("a/b"), Range: aws.String("bytes=2-5")}))
	_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("absent")})
	var absent *types.NoSuchKey
	equal(t, true, errors.As(err, &absent))
}

func TestOddKeysAreListedPageByPageAndDeletedAtOnce(t *testing.T) {
	bucket := newBucket(t)
	doomed := []types.ObjectIdentifier{}
	for _, key := range oddKeys {
		put(t, bucket, key, key)
		equal(t, key, get(t, &s3.GetObjectInput{Bucket: bucket, Key: &key}))
		doomed = append(doomed, types.ObjectIdentifier{Key: aws.String(key)})
	}

	listed := []string{}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: bucket, MaxKeys: aws.Int32(4)})
	for pages.HasMorePages() {
		for _, entry := range must(pages.NextPage(ctx))(t).Contents {
			listed = append(listed, *entry.Key)
		}
	}
	deleted := must(client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: bucket, Delete: &types.Delete{Objects: doomed}}))(t)

	equal(t, slices.Sorted(slices.Values(oddKeys)), listed)
	equal(t, []int{len(oddKeys), 0}, []int{len(deleted.Deleted), len(deleted.Errors)})
}

func TestTheManagerMovesAStreamInParts(t *testing.T) {
	bucket, data := newBucket(t), filled(12_000_001)

	// A reader that cannot seek has no known length.
	uploaded := must(manager.NewUploader(client).Upload(ctx, &s3.PutObjectInput{
		Bucket: bucket, Key: aws.String("large"), Body: io.MultiReader(bytes.NewReader(data))}))(t)
	buffer := manager.NewWriteAtBuffer(nil)
	must(manager.NewDownloader(client).Download(ctx, buffer, &s3.GetObjectInput{
		Bucket: bucket, Key: aws.String("large")}))(t)

	equal(t, 3, len(uploaded.CompletedParts))
	equal(t, true, strings.HasSuffix(*uploaded.ETag, `-3"`))
	equal(t, sha256.Sum256(data), sha256.Sum256(buffer.Bytes()))
}

func TestPresignedRequestsNeedNoSDK(t *testing.T) {
	bucket, key := newBucket(t), "a b+ü/日本"
	signer := s3.NewPresignClient(client)

	write := must(signer.PresignPutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key}))(t)
	request := must(http.NewRequest(write.Method, write.URL, strings.NewReader("data")))(t)
	written := must(http.DefaultClient.Do(request))(t)
	written.Body.Close()
	read := must(signer.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &key}))(t)
	answer := must(http.Get(read.URL))(t)
	defer answer.Body.Close()

	equal(t, 200, written.StatusCode)
	equal(t, "data", string(must(io.ReadAll(answer.Body))(t)))
	forged := must(http.Get(strings.Replace(read.URL, "a%20b", "a%20c", 1)))(t)
	forged.Body.Close()
	equal(t, 403, forged.StatusCode)
}

func TestConditionsGuardWhatIsWritten(t *testing.T) {
	bucket, key := newBucket(t), aws.String("k")
	write := func(body string, condition func(*s3.PutObjectInput)) (*s3.PutObjectOutput, error) {
		input := &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader(body)}
		condition(input)
		return client.PutObject(ctx, input)
	}
	onlyNew := func(input *s3.PutObjectInput) { input.IfNoneMatch = aws.String("*") }
	first := must(write("one", onlyNew))(t)

	refused[*s3.PutObjectOutput](t, "PreconditionFailed")(write("two", onlyNew))
	must(write("two", func(input *s3.PutObjectInput) { input.IfMatch = first.ETag }))(t)
	refused[*s3.PutObjectOutput](t, "PreconditionFailed")(
		write("three", func(input *s3.PutObjectInput) { input.IfMatch = first.ETag }))

	equal(t, "two", get(t, &s3.GetObjectInput{Bucket: bucket, Key: key}))
}

func TestEveryChecksumIsVerifiedOnBothWays(t *testing.T) {
	bucket := newBucket(t)
	for _, algorithm := range []types.ChecksumAlgorithm{"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"} {
		key := string(algorithm)
		must(client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: bucket, Key: &key, Body: strings.NewReader("data"), ChecksumAlgorithm: algorithm}))(t)

		head := must(client.HeadObject(ctx, &s3.HeadObjectInput{
			Bucket: bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled}))(t)

		equal(t, types.ChecksumTypeFullObject, head.ChecksumType)
		equal(t, "data", get(t, &s3.GetObjectInput{
			Bucket: bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled}))
	}
}

func TestVersionsTagsAndLocks(t *testing.T) {
	bucket, key := newBucket(t, func(input *s3.CreateBucketInput) {
		input.ObjectLockEnabledForBucket = aws.Bool(true)
	}), aws.String("k")
	first, second := put(t, bucket, *key, "one").VersionId, put(t, bucket, *key, "two").VersionId

	marker := must(client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: key}))(t)
	listed := must(client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: bucket}))(t)
	equal(t, true, *marker.DeleteMarker)
	equal(t, []string{*second, *first}, []string{*listed.Versions[0].VersionId, *listed.Versions[1].VersionId})
	equal(t, "one", get(t, &s3.GetObjectInput{Bucket: bucket, Key: key, VersionId: first}))

	must(client.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{
		Bucket: bucket, Key: key, VersionId: first,
		Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}}}))(t)
	tags := must(client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{
		Bucket: bucket, Key: key, VersionId: first}))(t)
	equal(t, "a=1", *tags.TagSet[0].Key+"="+*tags.TagSet[0].Value)

	until := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	must(client.PutObjectRetention(ctx, &s3.PutObjectRetentionInput{
		Bucket: bucket, Key: key, VersionId: first,
		Retention: &types.ObjectLockRetention{
			Mode: types.ObjectLockRetentionModeGovernance, RetainUntilDate: &until}}))(t)
	doomed := &s3.DeleteObjectInput{Bucket: bucket, Key: key, VersionId: first}
	refused[*s3.DeleteObjectOutput](t, "AccessDenied")(client.DeleteObject(ctx, doomed))
	doomed.BypassGovernanceRetention = aws.Bool(true)
	must(client.DeleteObject(ctx, doomed))(t)
	refused[*s3.HeadObjectOutput](t, "NotFound")(
		client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key, VersionId: first}))
}

func TestCopiesAttributesAndRenames(t *testing.T) {
	bucket := newBucket(t)
	put(t, bucket, "a b", "data")

	must(client.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: bucket, Key: aws.String("copy"), CopySource: aws.String(*bucket + "/a%20b")}))(t)
	told := must(client.GetObjectAttributes(ctx, &s3.GetObjectAttributesInput{
		Bucket: bucket, Key: aws.String("copy"),
		ObjectAttributes: []types.ObjectAttributes{"ObjectSize", "Checksum"}}))(t)
	must(client.RenameObject(ctx, &s3.RenameObjectInput{
		Bucket: bucket, Key: aws.String("new"), RenameSource: aws.String(*bucket + "/copy")}))(t)

	equal(t, int64(4), *told.ObjectSize)
	equal(t, true, told.Checksum.ChecksumCRC32 != nil)
	equal(t, "data", get(t, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("new")}))
	refused[*s3.GetObjectOutput](t, "NoSuchKey")(
		client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("copy")}))
}

func TestDocumentsOfABucketComeBackAsTheyWerePut(t *testing.T) {
	bucket := newBucket(t)
	rule := types.LifecycleRule{
		ID: aws.String("old"), Status: types.ExpirationStatusEnabled,
		Filter:     &types.LifecycleRuleFilter{Prefix: aws.String("logs/")},
		Expiration: &types.LifecycleExpiration{Days: aws.Int32(30)},
	}
	cors := types.CORSRule{AllowedMethods: []string{"GET"}, AllowedOrigins: []string{"*"}}
	refused[*s3.GetBucketCorsOutput](t, "NoSuchCORSConfiguration")(
		client.GetBucketCors(ctx, &s3.GetBucketCorsInput{Bucket: bucket}))

	must(client.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket:                 bucket,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{rule}}}))(t)
	must(client.PutBucketCors(ctx, &s3.PutBucketCorsInput{
		Bucket: bucket, CORSConfiguration: &types.CORSConfiguration{CORSRules: []types.CORSRule{cors}}}))(t)
	must(client.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: bucket, NotificationConfiguration: &types.NotificationConfiguration{
			EventBridgeConfiguration: &types.EventBridgeConfiguration{}}}))(t)

	rules := must(client.GetBucketLifecycleConfiguration(ctx,
		&s3.GetBucketLifecycleConfigurationInput{Bucket: bucket}))(t).Rules
	equal(t, "old logs/ 30", fmt.Sprint(*rules[0].ID, " ", *rules[0].Filter.Prefix, " ", *rules[0].Expiration.Days))
	allowed := must(client.GetBucketCors(ctx, &s3.GetBucketCorsInput{Bucket: bucket}))(t).CORSRules
	equal(t, []string{"GET", "*"}, append(allowed[0].AllowedMethods, allowed[0].AllowedOrigins...))
	events := must(client.GetBucketNotificationConfiguration(ctx,
		&s3.GetBucketNotificationConfigurationInput{Bucket: bucket}))(t)
	equal(t, true, events.EventBridgeConfiguration != nil)
}
